import { listed } from './lists.ts';
import { firstWhole, isSameRelease, type Publisher, seriesOf, splitUrl } from './publisher.ts';
import { published, sumsAt, sumWords } from './sums.ts';

/** `41-1.4` in `Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`. */
const FEDORA_BUILD = /(?<=[-.])\d+-\d+\.\d+(?=\.)/g;

/** The host that redirects to a mirror, and the host that the mirrors copy. */
const REDIRECTING = 'https://download.fedoraproject.org/';
const OWN = 'https://dl.fedoraproject.org/';

/**
 * Fedora's cloud images: `.../releases/41/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`
 * in one folder with `Fedora-Cloud-41-1.4-x86_64-CHECKSUM`. Lists and checksums come from the project's
 * own host, not from the redirecting one: no mirror decides what is right.
 */
export const fedora: Publisher = async (pinned, { fetchText, isThere }) => {
  const { folder = '', file = '' } = splitUrl(pinned.url) ?? {};
  const series = seriesOf(file, FEDORA_BUILD);
  if (series === undefined || !/\/releases\/\d+\/Cloud\//.test(folder)) return undefined;
  const list = folder.replace(REDIRECTING, OWN);
  const files = await listed(list, fetchText, `${file} with a -CHECKSUM`, (name) =>
    name.endsWith('-CHECKSUM'),
  );
  const all = await Promise.all(
    files.toSorted().map((name) => sumsAt(`${list}${name}`, fetchText)),
  );
  const sums = {
    lines: all.flatMap(({ lines }) => lines),
    place: all.map(({ place }) => place).join(', '),
  };
  const builds = sumWords(sums).filter((word) => isSameRelease(pinned, folder + word));
  return firstWhole(series.newestFirst(builds), isThere, (name) =>
    published(folder + name, sums, pinned),
  );
};

/** `1.0.1` and `1.177` in `openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`. */
const OPENSUSE_BUILD = /(?<=\.[a-z0-9_]+-)\d+(?:\.\d+)+(?=-)|(?<=-Build)\d+(?:\.\d+)*(?=\.)/g;

/**
 * openSUSE's images, of download.opensuse.org:
 * `.../Leap_15.6/images/openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`, each beside a `.sha256` of
 * its own. A script draws its lists in the browser; `?jsontable` gets their data, and mirrors ignore it.
 */
export const opensuse: Publisher = async (pinned, { fetchText, isThere }) => {
  const { folder = '', file = '' } = splitUrl(pinned.url) ?? {};
  const series = seriesOf(file, OPENSUSE_BUILD, 2);
  if (series === undefined) return undefined;
  const isBuild = (name: string) => series.includes(name) && isSameRelease(pinned, folder + name);
  const builds = await listed(`${folder}?jsontable`, fetchText, file, isBuild);
  return firstWhole(series.newestFirst(builds), isThere, async (name) => {
    const url = folder + name;
    return published(url, await sumsAt(`${url}.sha256`, fetchText), pinned);
  });
};

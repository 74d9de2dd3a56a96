import { listed, published, requireBuilds, sumsAt } from './published.ts';
import { isSameRelease, newestOf, placeOf, splitBuild, type Publisher } from './publisher.ts';
import { requireSums, sumLines, sumWords } from './sums.ts';

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
export const fedora: Publisher = async (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, FEDORA_BUILD);
  if (place === undefined || own === undefined) return undefined;
  if (!/(?:^|\/)releases\/\d+\/Cloud\//.test(place.folder)) return undefined;
  const folder = place.origin + place.folder;
  const list = folder.replace(REDIRECTING, OWN);
  const files = (await listed(list, ask)).filter((name) => name.endsWith('-CHECKSUM'));
  requireBuilds(files, list, `${own.text} with a -CHECKSUM`);
  const places = files.toSorted().map((file) => `${list}${file}`);
  const lines = await Promise.all(
    places.map(async (sums) => {
      const text = await sumsAt(sums, ask);
      requireSums(text, sums);
      return sumLines(text);
    }),
  );
  const text = lines.flat().join('\n');
  const builds = sumWords(text)
    .flatMap((word) => splitBuild(word, FEDORA_BUILD) ?? [])
    .filter((build) => isSameRelease(pinned, folder + build.text));
  const url = folder + newestOf(own, builds).text;
  return published(url, { text, place: places.join(', ') }, pinned);
};

/** `1.0.1` and `1.177` in `openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`. */
const OPENSUSE_BUILD = /(?<=\.[a-z0-9_]+-)\d+(?:\.\d+)+(?=-)|(?<=-Build)\d+(?:\.\d+)*(?=\.)/g;

/**
 * openSUSE's images, of download.opensuse.org:
 * `.../Leap_15.6/images/openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`, each beside a `.sha256` of
 * its own. A script draws its lists in the browser; `?jsontable` gets their data, and mirrors ignore it.
 */
export const opensuse: Publisher = async (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, OPENSUSE_BUILD, 2);
  if (place === undefined || own === undefined) return undefined;
  const folder = place.origin + place.folder;
  const builds = (await listed(`${folder}?jsontable`, ask))
    .flatMap((file) => splitBuild(file, OPENSUSE_BUILD, 2) ?? [])
    .filter(({ text, series }) => series === own.series && isSameRelease(pinned, folder + text));
  requireBuilds(builds, folder, own.text);
  const url = folder + newestOf(own, builds).text;
  const sums = `${url}.sha256`;
  return published(url, { text: await sumsAt(sums, ask), place: sums }, pinned);
};

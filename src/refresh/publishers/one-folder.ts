import {
  newestOf,
  splitBuild,
  type BuildName,
  isSameRelease,
  placeOf,
  type Ask,
  type PinnedDisk,
  type Publisher,
  type PublishedDisk,
} from './publisher.ts';
import { requireSums, sumLines, sumWords } from './sums.ts';
import { listed, published, requireBuilds, sumsAt } from './published.ts';

/** `41-1.4` in `Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`. */
const FEDORA_BUILD = /(?<=[-.])\d+-\d+\.\d+(?=\.)/g;

/** The host that sends everybody on to some mirror, and the one that the mirrors copy. */
const REDIRECTING = 'https://download.fedoraproject.org/';
const OWN = 'https://dl.fedoraproject.org/';

/**
 * Fedora's cloud images: `.../releases/41/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`
 * in one folder with `Fedora-Cloud-41-1.4-x86_64-CHECKSUM`. What is asked of the project's redirecting host
 * is asked of its own instead: no mirror is to say what is right.
 */
export const fedora: Publisher = (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, FEDORA_BUILD);
  if (place === undefined || own === undefined) return undefined;
  if (!/(?:^|\/)releases\/\d+\/Cloud\//.test(place.folder)) return undefined;
  return findFedora(`${place.origin}${place.folder}`, own, pinned, ask);
};

async function findFedora(
  folder: string,
  own: BuildName,
  pinned: PinnedDisk,
  ask: Ask,
): Promise<PublishedDisk> {
  const list = folder.replace(REDIRECTING, OWN);
  const files = (await listed(list, ask)).filter((name) => name.endsWith('-CHECKSUM'));
  requireBuilds(files, list, `${own.text} with a -CHECKSUM`);
  const places = files.toSorted().map((file) => `${list}${file}`);
  const lines = await Promise.all(
    places.map(async (place) => {
      const text = await sumsAt(place, ask);
      requireSums(text, place);
      return sumLines(text);
    }),
  );
  const text = lines.flat().join('\n');
  const builds = sumWords(text)
    .flatMap((word) => splitBuild(word, FEDORA_BUILD) ?? [])
    .filter(({ text: file }) => isSameRelease(pinned, `${folder}${file}`));
  const newest = newestOf(own, builds);
  return published(`${folder}${newest.text}`, { text, place: places.join(', ') }, pinned);
}

/** `1.0.1` and `1.177` in `openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`. */
const OPENSUSE_BUILD = /(?<=\.[a-z0-9_]+-)\d+(?:\.\d+)+(?=-)|(?<=-Build)\d+(?:\.\d+)*(?=\.)/g;

/**
 * openSUSE's images, of download.opensuse.org:
 * `.../Leap_15.6/images/openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`, each beside a `.sha256` of
 * its own. Its lists are drawn by a script in the browser, but for `?jsontable`, which a mirror ignores.
 */
export const opensuse: Publisher = (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, OPENSUSE_BUILD, 2);
  if (place === undefined || own === undefined) return undefined;
  return findOpensuse(`${place.origin}${place.folder}`, own, pinned, ask);
};

async function findOpensuse(
  folder: string,
  own: BuildName,
  pinned: PinnedDisk,
  ask: Ask,
): Promise<PublishedDisk> {
  const files = await listed(`${folder}?jsontable`, ask);
  const builds = files
    .flatMap((file) => splitBuild(file, OPENSUSE_BUILD, 2) ?? [])
    .filter(({ text, series }) => series === own.series && isSameRelease(pinned, folder + text));
  requireBuilds(builds, folder, own.text);
  const url = `${folder}${newestOf(own, builds).text}`;
  const place = `${url}.sha256`;
  return published(url, { text: await sumsAt(place, ask), place }, pinned);
}

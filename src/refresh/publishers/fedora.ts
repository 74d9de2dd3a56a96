import { newestOf, splitBuild, type BuildName } from './build-name.ts';
import { requireSums } from './checksum-of.ts';
import { isSameRelease } from './is-same-release.ts';
import { placeOf } from './place-of.ts';
import { listed, published, requireBuilds, sumsAt } from './published.ts';
import type { Ask, PinnedDisk, Publisher, PublishedDisk } from './publisher.ts';
import { sumLines, sumWords } from './read-sums.ts';

/** `41-1.4` in `Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`. */
const BUILD = /(?<=[-.])\d+-\d+\.\d+(?=\.)/g;

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
  const own = place && splitBuild(place.file, BUILD);
  if (place === undefined || own === undefined) return undefined;
  if (!/(?:^|\/)releases\/\d+\/Cloud\//.test(place.folder)) return undefined;
  return find(`${place.origin}${place.folder}`, own, pinned, ask);
};

async function find(
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
    .flatMap((word) => splitBuild(word, BUILD) ?? [])
    .filter(({ text: file }) => isSameRelease(pinned, `${folder}${file}`));
  const newest = newestOf(own, builds);
  return published(`${folder}${newest.text}`, { text, place: places.join(', ') }, pinned);
}

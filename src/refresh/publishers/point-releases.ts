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
  sourceGone,
} from './publisher.ts';
import { requireSums, sumWords } from './sums.ts';
import { listed, published, requireBuilds } from './published.ts';

/** `9.5-20241120` or `9.5-20241118.0`, between what names the flavour and what names the architecture. */
const BUILD = /(?<=-)\d+\.\d+-\d{8}(?:\.\d+)?(?=\.)/g;

/** Where a pinned disk is: `parent` `minor` `rest`, or without a point release if `minor` is empty. */
interface PointRelease {
  readonly parent: string;
  readonly minor: string;
  readonly rest: string;
  readonly own: BuildName;
}

/**
 * Finds the newest build of distributions with point releases, as AlmaLinux and Rocky Linux:
 * `.../9.5/<folders>/AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2`, a file `CHECKSUM` in the same
 * folder, and the point releases beside each other. A point release may be there before its images are.
 */
export const pointReleases: Publisher = (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, BUILD);
  const [, above, minor, rest] = /^(.*?\/)??(\d+\.\d+)\/(.*)$/.exec(place?.folder ?? '') ?? [];
  if (place === undefined || own === undefined) return undefined;
  if (minor === undefined || rest === undefined) {
    return find(
      { parent: `${place.origin}${place.folder}`, minor: '', rest: '', own },
      pinned,
      ask,
    );
  }
  return find({ parent: `${place.origin}${above ?? ''}`, minor, rest, own }, pinned, ask);
};

async function find(release: PointRelease, pinned: PinnedDisk, ask: Ask): Promise<PublishedDisk> {
  const { parent, own } = release;
  for (const folder of await foldersToTry(release, pinned, ask)) {
    const place = `${folder}CHECKSUM`;
    const text = await ask(place);
    if (text === undefined) continue;
    requireSums(text, place);
    const builds = sumWords(text)
      .flatMap((word) => splitBuild(word, BUILD) ?? [])
      .filter(({ series, text: file }) => {
        return series === own.series && isSameRelease(pinned, `${folder}${file}`);
      });
    requireBuilds(builds, place, own.text);
    return published(`${folder}${newestOf(own, builds).text}`, { text, place }, pinned);
  }
  throw sourceGone(`${parent}${release.minor}`);
}

/** Newest first, and none that is older than the pinned one. */
async function foldersToTry(
  { parent, minor, rest }: PointRelease,
  pinned: PinnedDisk,
  ask: Ask,
): Promise<readonly string[]> {
  if (minor === '') return [parent];
  const [major = ''] = minor.split('.');
  const isMinor = (name: string) => /^\d+\.\d+$/.test(name) && name.startsWith(`${major}.`);
  const minors = (await listed(parent, ask)).filter(isMinor);
  requireBuilds(minors, parent, minor);
  const number = (name: string) => Number(name.split('.')[1]);
  return [...new Set([...minors, minor])]
    .filter((name) => number(name) >= number(minor))
    .map((name) => ({ name, folder: `${parent}${name}/${rest}` }))
    .filter(({ name, folder }) => name === minor || isSameRelease(pinned, folder))
    .toSorted((a, b) => number(b.name) - number(a.name))
    .map(({ folder }) => folder);
}

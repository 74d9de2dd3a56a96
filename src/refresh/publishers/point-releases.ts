import { listed, published, requireBuilds } from './published.ts';
import {
  isSameRelease,
  newestOf,
  placeOf,
  sourceGone,
  splitBuild,
  type Ask,
  type PinnedDisk,
  type Publisher,
} from './publisher.ts';
import { requireSums, sumWords } from './sums.ts';

/** `9.5-20241120` or `9.5-20241118.0`, between the flavour and the architecture. */
const BUILD = /(?<=-)\d+\.\d+-\d{8}(?:\.\d+)?(?=\.)/g;

/**
 * Finds the newest build of distributions with point releases, as AlmaLinux and Rocky Linux:
 * `.../9.5/<folders>/AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2`, a file `CHECKSUM` in the same
 * folder, and the point releases beside each other. A point release may appear before its images do.
 */
export const pointReleases: Publisher = async (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, BUILD);
  if (place === undefined || own === undefined) return undefined;
  const { origin, folder: path } = place;
  const [, above = '', minor, rest = ''] = /^(.*?\/)??(\d+\.\d+)\/(.*)$/.exec(path) ?? [];
  const folders =
    minor === undefined
      ? [origin + path]
      : await newerFolders({ parent: origin + above, minor, rest }, pinned, ask);
  for (const folder of folders) {
    const sums = `${folder}CHECKSUM`;
    const text = await ask(sums);
    if (text === undefined) continue;
    requireSums(text, sums);
    const builds = sumWords(text)
      .flatMap((word) => splitBuild(word, BUILD) ?? [])
      .filter((build) => {
        return build.series === own.series && isSameRelease(pinned, folder + build.text);
      });
    requireBuilds(builds, sums, own.text);
    return published(folder + newestOf(own, builds).text, { text, place: sums }, pinned);
  }
  throw sourceGone(minor === undefined ? origin + path : `${origin}${above}${minor}`);
};

/** The folders of the pinned point release and of newer ones, `parent` `minor` `rest`; the newest first. */
async function newerFolders(
  { parent, minor, rest }: { parent: string; minor: string; rest: string },
  pinned: PinnedDisk,
  ask: Ask,
): Promise<readonly string[]> {
  const [major = ''] = minor.split('.');
  const isMinor = (name: string) => /^\d+\.\d+$/.test(name) && name.startsWith(`${major}.`);
  const minors = (await listed(parent, ask)).filter(isMinor);
  requireBuilds(minors, parent, minor);
  const number = (name: string) => Number(name.split('.')[1]);
  return [...new Set([...minors, minor])]
    .filter((name) => number(name) >= number(minor))
    .toSorted((a, b) => number(b) - number(a))
    .map((name) => ({ name, folder: `${parent}${name}/${rest}` }))
    .filter(({ name, folder }) => name === minor || isSameRelease(pinned, folder))
    .map(({ folder }) => folder);
}

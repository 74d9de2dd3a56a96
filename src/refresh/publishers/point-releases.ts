import { listed, requireBuilds } from './lists.ts';
import {
  type FetchText,
  firstWhole,
  gone,
  isSameRelease,
  type PinnedDisk,
  type Publisher,
  seriesOf,
  splitUrl,
} from './publisher.ts';
import { parseSums, published, sumWords } from './sums.ts';

/** `9.5-20241120` or `9.5-20241118.0`, between the flavour and the architecture. */
const BUILD = /(?<=-)\d+\.\d+-\d{8}(?:\.\d+)?(?=\.)/g;

/**
 * Finds the newest build of distributions with point releases, as AlmaLinux and Rocky Linux:
 * `.../9.5/<folders>/AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2`, a file `CHECKSUM` in the same
 * folder, and the point releases beside each other. A point release may appear before its images do.
 */
export const pointReleases: Publisher = async (pinned, { fetchText, isThere }) => {
  const { folder: own = '', file = '' } = splitUrl(pinned.url) ?? {};
  const series = seriesOf(file, BUILD);
  if (series === undefined) return undefined;
  const [, parent = '', minor, rest = ''] = /^(.*?[^/]\/)(\d+\.\d+)\/(.*)$/.exec(own) ?? [];
  const folders =
    minor === undefined ? [own] : await newerFolders({ parent, minor, rest }, pinned, fetchText);
  const found = await firstWhole(folders, isThere, async (folder) => {
    const place = `${folder}CHECKSUM`;
    const text = await fetchText(place);
    if (text === undefined) return undefined;
    const sums = parseSums(text, place);
    const isBuild = (word: string) => series.includes(word) && isSameRelease(pinned, folder + word);
    const builds = requireBuilds(sumWords(sums).filter(isBuild), place, file);
    const ofFolder = series.newestFirst(builds).filter((name) => name !== file || folder === own);
    return firstWhole(ofFolder, isThere, (name) => published(folder + name, sums, pinned));
  });
  if (found === undefined) throw gone(minor === undefined ? own : parent + minor);
  return found;
};

/** The folders of the pinned point release and of newer ones, `parent` `minor` `rest`; the newest first. */
async function newerFolders(
  { parent, minor, rest }: Readonly<Record<'parent' | 'minor' | 'rest', string>>,
  pinned: PinnedDisk,
  fetchText: FetchText,
): Promise<readonly string[]> {
  const [major = ''] = minor.split('.');
  const isMinor = (name: string) => /^\d+\.\d+$/.test(name) && name.startsWith(`${major}.`);
  const minors = await listed(parent, fetchText, minor, isMinor);
  const number = (name: string) => Number(name.split('.')[1]);
  return [...new Set([...minors, minor])]
    .filter((name) => number(name) >= number(minor))
    .toSorted((a, b) => number(b) - number(a))
    .map((name) => ({ name, folder: `${parent}${name}/${rest}` }))
    .filter(({ name, folder }) => name === minor || isSameRelease(pinned, folder))
    .map(({ folder }) => folder);
}

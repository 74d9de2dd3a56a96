import { addDisks } from './add-disks.ts';
import { compareList, type CompareOptions, type ListDifferences } from './compare-list.ts';
import { leaveOut, type ListedDisk, type ParsedList } from './kubespray-list.ts';
import { releaseOfKey } from './release-of-key.ts';
import { nameOf, readDrafts } from '../../catalog/draft.ts';
import { urlOfOneBuild } from '../../catalog/disk-url.ts';
import { parseCatalog, type CatalogText } from '../../catalog/parse-catalog.ts';
import { InvalidInputError, type Problem } from '../../problem.ts';
import { isMapping } from '../../yaml/check-mapping.ts';
import { formatDocumentPath } from '../../yaml/document-problem.ts';
import { quote } from '../../yaml/wording.ts';
import { parseYaml } from '../../yaml/yaml-document.ts';
import { applyEdits, type CatalogEdit } from '../edits.ts';
import { findNewest } from '../publishers/moving.ts';
import type { Publishers } from '../publishers/publisher.ts';
import { readPins } from '../read-pins.ts';

/** A catalog with the disks of a list. */
export interface Imported extends ListDifferences {
  /** The new text of the catalog. */
  readonly text: string;
  /** All edits; an entry that is added is one as well. */
  readonly edits: readonly CatalogEdit[];
}

/** How the catalog differs from a list. Throws an InvalidInputError with all problems of either. */
export function differencesFrom(
  catalog: CatalogText,
  list: ParsedList,
  options: CompareOptions,
): ListDifferences {
  const differences = compare(catalog, list, options);
  if (differences.problems.length > 0) throw new InvalidInputError(differences.problems);
  return differences;
}

/**
 * Makes the disks of a catalog those of a list, and changes nothing else in its text: URLs and checksums change in
 * their place, new disks are added at the end, and a disk that is gone from the list is marked. Nothing is removed.
 * Throws an InvalidInputError with all problems; the catalog then stays as it is.
 */
export async function importList(
  catalog: CatalogText,
  list: ParsedList,
  options: CompareOptions,
  publishers: Publishers,
): Promise<Imported> {
  const differences = compare(catalog, list, options);
  const { file, text, tree } = catalog;
  const found = await Promise.all(differences.added.map((disk) => settle(disk, publishers)));
  const inNew = found.flatMap((each) => ('code' in each ? each : []));
  const problems = [...differences.problems, ...inNew];
  if (problems.length > 0) throw new InvalidInputError(problems);
  const disks = found.flatMap((each) => ('code' in each ? [] : each));
  const added = addDisks(applyEdits(text, differences.edits), file, disks);
  const after = problemsOf({ file, text: added.text, tree });
  if (after.length > 0) throw new InvalidInputError(placeInList(after, added.text, file, list));
  return { ...differences, text: added.text, edits: [...differences.edits, ...added.edits] };
}

/** The differences, with the problems of the list. Throws an InvalidInputError for a catalog with problems. */
function compare(catalog: CatalogText, list: ParsedList, options: CompareOptions): ListDifferences {
  const inCatalog = problemsOf(catalog);
  if (inCatalog.length > 0) throw new InvalidInputError(inCatalog);
  const { file } = catalog;
  const differences = compareList(readPins(parseYaml(catalog.text, file)), list, options);
  const found = differences.problems.map((each) => ({ file, ...each }));
  return { ...differences, problems: [...list.problems, ...found] };
}

/** The catalog's problems, except for bases that a refresh pins. */
function problemsOf(catalog: CatalogText): readonly Problem[] {
  return parseCatalog(catalog).problems.filter(({ code }) => code !== 'UNPINNED_BASE');
}

/** A new disk with its release, and the newest build in place of a URL that moves. */
async function settle(disk: ListedDisk, publishers: Publishers) {
  const { key, url, moving, at } = disk;
  const release = releaseOfKey(key, url);
  if (release === undefined) {
    const problem = `the address does not say that it is of ${quote(key)}`;
    const remedy = `name a file with the version in its address; or ${leaveOut(key)}, and declare ${disk.name} by hand`;
    return { code: 'URL_OTHER_VERSION', ...at.url, problem, remedy };
  }
  if (moving === undefined) return { ...disk, release };
  const found = await findNewest(url, release, publishers);
  if (typeof found === 'object' && 'newest' in found) return { ...disk, ...found.newest, release };
  const reason =
    found === 'not followed'
      ? `the builds of ${release.distribution} behind it can't be looked up`
      : found.failure.problem;
  const problem = `${quote(moving)} in the address will be another build, and ${reason}`;
  const remedy = `name one build, ${urlOfOneBuild(release.distribution)}; or ${leaveOut(key)}`;
  return { code: 'MOVING_URL', ...at.url, problem, remedy };
}

/** Problems of a text that is written nowhere, at the places that they come from. */
function placeInList(
  problems: readonly Problem[],
  text: string,
  file: string,
  { disks }: ParsedList,
): readonly Problem[] {
  const document = parseYaml(text, file);
  const value = isMapping(document.value) ? document.value : {};
  const images: readonly unknown[] = Array.isArray(value['images']) ? value['images'] : [];
  const { drafts } = readDrafts({ defaults: value['defaults'], images }, document);
  const paths = drafts.map((draft) => [formatDocumentPath(draft.path), nameOf(draft)?.value]);
  return problems.map((problem) => {
    const { path: at = '' } = problem;
    const [, name] = paths.findLast(([path = '']) => at.startsWith(`${path}.`)) ?? [];
    const disk = disks.find((each) => each.name === name);
    if (disk === undefined) return problem;
    return { ...problem, ...(at.endsWith('checksum') ? disk.at.checksum : disk.at.url) };
  });
}

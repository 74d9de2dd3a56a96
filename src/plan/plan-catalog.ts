import { planImages } from './plan-images.ts';
import type { PlannedImage } from './planned-image.ts';
import { repositoryOf, type Destination } from './repository-of.ts';
import { loadCatalog } from '../catalog/load-catalog.ts';
import type { CatalogEntry, ParsedCatalog } from '../catalog/parse-catalog.ts';
import { LONGEST_NAME } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { collectProblems } from '../tag/collect-problems.ts';
import { emptyHashCache, type HashCache } from '../tag/hash-cache.ts';
import { hashContext } from '../tag/hash-context.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** What a stack publishes, and where. */
export interface CatalogPlan {
  readonly settings: Settings;
  readonly images: readonly PlannedImage[];
}

const NO_CATALOG: ParsedCatalog = { entries: [], problems: [] };

/**
 * Plans all images of the catalog at the path `file`, by default the one that the settings name.
 * Throws one InvalidInputError with everything that is wrong with the settings, the catalog, and the
 * contexts of its images, be those entries right or wrong otherwise; where settings are too broken to
 * tell where the catalog is, with their problems alone.
 */
export function planCatalog(
  tree: FileTree,
  parsed: ParsedSettings,
  file = 'settings' in parsed ? parsed.settings.catalog : parsed.catalog,
): CatalogPlan {
  const { entries, problems } = file === undefined ? NO_CATALOG : loadCatalog(tree, file);
  const cache = emptyHashCache();
  const inContexts = checkContexts(entries, tree, cache);
  if (!('settings' in parsed)) {
    throw new InvalidInputError([...parsed.problems, ...problems, ...inContexts]);
  }
  const { settings } = parsed;
  const all = [...problems, ...inContexts, ...checkNameLengths(entries, settings)];
  if (all.length > 0) throw new InvalidInputError(all);
  const images = entries.flatMap(({ image }) => image ?? []);
  return { settings, images: planImages(images, settings, tree, cache) };
}

function checkContexts(
  entries: readonly CatalogEntry[],
  tree: FileTree,
  cache: HashCache,
): readonly Problem[] {
  const builds = new Map(entries.map(({ build }) => [JSON.stringify(build), build]));
  const problems: Problem[] = [];
  for (const build of builds.values()) {
    if (build !== undefined) collectProblems(problems, () => hashContext(build, tree, cache));
  }
  // Builds with other Dockerfiles share a context, and its problems: keyed by text, each is said once.
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}

function checkNameLengths(
  entries: readonly CatalogEntry[],
  destination: Destination,
): readonly Problem[] {
  return entries.flatMap(({ image, place }): readonly Problem[] => {
    const named = image && repositoryOf(image.name, destination);
    if (named === undefined || 'repository' in named) return [];
    const problem = `with registry and prefix the name has ${named.length} of at most ${LONGEST_NAME} characters`;
    const remedy = 'shorten the name, or repositoryPrefix in the stack settings';
    return [{ code: 'NAME_TOO_LONG', ...place, problem, remedy }];
  });
}

import { checkContexts } from '../tag/check-contexts.ts';
import { planImages } from './plan-images.ts';
import type { PlannedImage } from './planned-image.ts';
import { repositoryOf, type Destination } from './repository-of.ts';
import { loadCatalog } from '../catalog/load-catalog.ts';
import type { CatalogEntry, ParsedCatalog } from '../catalog/parse-catalog.ts';
import { LONGEST_NAME } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { emptyHashCache } from '../tag/hash-cache.ts';
import type { FileTree } from '../file-tree.ts';

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

import { checkContexts } from '../tag/check-contexts.ts';
import type { PlannedImage } from './planned-image.ts';
import { loadCatalog, type ParsedCatalog } from '../catalog/parse-catalog.ts';
import type { CatalogEntry } from '../catalog/image.ts';
import { LONGEST_NAME, parseRepository, type Repository } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { emptyHashCache, type HashCache } from '../tag/hash-cache.ts';
import type { FileTree } from '../file-tree.ts';
import type { Image } from '../catalog/image.ts';
import { computeBuildInputs } from '../tag/compute-build-inputs.ts';
import { immutableTag } from '../tag/build-inputs.ts';

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

/**
 * Says for each image of the catalog, in its order, what it would be published as. What is planned
 * for one image does not depend on the others. Their names and contexts must have been checked, as
 * `planCatalog` does.
 */
export function planImages(
  images: readonly Image[],
  destination: Destination,
  tree: FileTree,
  cache: HashCache = emptyHashCache(),
): readonly PlannedImage[] {
  const { registry } = destination;
  return images.map((image) => {
    const named = repositoryOf(image.name, destination);
    if (!('repository' in named)) throw new RangeError(`${image.name} is too long a name`);
    const { repository } = named;
    const inputs = computeBuildInputs(image, tree, cache);
    const tag = immutableTag(inputs);
    return {
      ...image,
      registry,
      repository,
      tag,
      reference: { registry, repository, tag },
      inputs,
    };
  });
}

/** Where a stack's images go. */
type Destination = Pick<Settings, 'registry' | 'repositoryPrefix'>;

/**
 * The repository that an image of this name is published to, or the length of `registry/repository`
 * where that is more than a registry takes.
 */
function repositoryOf(
  name: string,
  { registry, repositoryPrefix }: Destination,
): { readonly repository: Repository } | { readonly length: number } {
  const path = `${repositoryPrefix}/${name}`;
  const length = `${registry}/${path}`.length;
  const repository = parseRepository(path);
  return repository === undefined || length > LONGEST_NAME ? { length } : { repository };
}

import type { PlannedImage } from './planned-image.ts';
import type { Image } from '../catalog/image.ts';
import { parseRepository, type Repository } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { Settings } from '../settings/settings.ts';
import { computeBuildInputs } from '../tag/compute-build-inputs.ts';
import { emptyHashCache, type HashCache } from '../tag/hash-cache.ts';
import { immutableTag } from '../tag/immutable-tag.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** What distribution/reference allows `registry/repository` to be, in characters. */
const LONGEST_NAME = 255;

/**
 * Says for each image of the catalog, in its order, what it would be published as. What is planned
 * for one image does not depend on the others.
 *
 * Throws an InvalidInputError with the problems of all images: contexts that can't be hashed, and
 * names that are too long for the registry.
 */
export function planImages(
  images: readonly Image[],
  settings: Pick<Settings, 'registry' | 'repositoryPrefix' | 'catalog'>,
  tree: FileTree,
): readonly PlannedImage[] {
  const cache = emptyHashCache();
  const planned: PlannedImage[] = [];
  // Images that share a context share its problems: keyed by text, each is said once.
  const problems = new Map<string, Problem>();
  for (const image of images) {
    try {
      planned.push(planImage(image, settings, tree, cache));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      for (const problem of error.problems) problems.set(JSON.stringify(problem), problem);
    }
  }
  if (problems.size > 0) throw new InvalidInputError([...problems.values()]);
  return planned;
}

function planImage(
  image: Image,
  settings: Pick<Settings, 'registry' | 'repositoryPrefix' | 'catalog'>,
  tree: FileTree,
  cache: HashCache,
): PlannedImage {
  const { registry } = settings;
  const repository = repositoryOf(image, settings);
  const inputs = computeBuildInputs(image, tree, cache);
  const tag = immutableTag(inputs);
  return { ...image, registry, repository, tag, reference: { registry, repository, tag }, inputs };
}

function repositoryOf(
  { name }: Image,
  {
    registry,
    repositoryPrefix,
    catalog,
  }: Pick<Settings, 'registry' | 'repositoryPrefix' | 'catalog'>,
): Repository {
  const repository = parseRepository(`${repositoryPrefix}/${name}`);
  const length = `${registry}/${repositoryPrefix}/${name}`.length;
  if (repository !== undefined && length <= LONGEST_NAME) return repository;
  throw new InvalidInputError([
    {
      code: 'NAME_TOO_LONG',
      file: catalog,
      path: name,
      problem: `with registry and prefix the name has ${length} of at most ${LONGEST_NAME} characters`,
      remedy: 'shorten the name, or repositoryPrefix in the stack settings',
    },
  ]);
}

import type { PlannedImage } from './planned-image.ts';
import { repositoryOf, type Destination } from './repository-of.ts';
import type { Image } from '../catalog/image.ts';
import { computeBuildInputs } from '../tag/compute-build-inputs.ts';
import { emptyHashCache, type HashCache } from '../tag/hash-cache.ts';
import { immutableTag } from '../tag/immutable-tag.ts';
import type { FileTree } from '../file-tree.ts';

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

import type { Image } from '../catalog/image.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import { computeBuildInputs } from './compute-build-inputs.ts';
import { emptyHashCache } from './hash-cache.ts';
import { immutableTag } from './build-inputs.ts';
import type { FileTree } from '../file-tree.ts';

/** An image as a catalog of before had it. */
export type EarlierImage = Image & { readonly tag: Tag };

/**
 * The images of a catalog that is only compared with. It may have been written before some mistakes
 * were known to be any, so those that leave every image readable don't count; with others, throws an
 * InvalidInputError.
 */
export function earlierImages(tree: FileTree, file: string): readonly EarlierImage[] {
  const { entries, problems } = loadCatalog(tree, file);
  const images = entries.flatMap(({ image }) => image ?? []);
  const isReadable = entries.length > 0 && images.length === entries.length;
  if (problems.length > 0 && !isReadable) throw new InvalidInputError(problems);
  const cache = emptyHashCache();
  return images.map((image) => {
    return { ...image, tag: immutableTag(computeBuildInputs(image, tree, cache)) };
  });
}

import { checkContexts } from './check-contexts.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import { computeBuildInputs } from './compute-build-inputs.ts';
import { emptyHashCache } from './hash-cache.ts';
import { immutableTag } from './build-inputs.ts';
import type { FileTree } from '../file-tree.ts';

/** An image of a catalog by name and immutable tag, wherever it is published. */
export interface PlannedTag {
  readonly name: string;
  readonly tag: Tag;
  /** 1-based, in the catalog. */
  readonly line: number;
}

/**
 * The immutable tag of each image of the catalog at `file`, from the tree's files alone: no settings
 * have a part in it. Throws one InvalidInputError with all that is wrong with catalog and contexts.
 */
export function planTags(tree: FileTree, file: string): readonly PlannedTag[] {
  const { entries, problems } = loadCatalog(tree, file);
  const cache = emptyHashCache();
  const all = [...problems, ...checkContexts(entries, tree, cache)];
  if (all.length > 0) throw new InvalidInputError(all);
  return entries.flatMap(({ image, place }) => {
    if (image === undefined) return [];
    const tag = immutableTag(computeBuildInputs(image, tree, cache));
    return [{ name: image.name, tag, line: place.line ?? 1 }];
  });
}

import { inputDetails } from './input-changes.ts';
import type { ImageChange, InputChange } from './summarize.ts';
import type { BuildInputs } from '../tag/build-inputs.ts';
import type { HashCache } from '../tag/hash-context.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';
import type { FileTree } from '../file-tree.ts';

/** The images of a catalog by name, as far as they can be tagged, and the files that they are built from. */
export interface CatalogAt {
  readonly images: ReadonlyMap<string, TaggedImage>;
  readonly tree: FileTree;
  readonly cache: HashCache;
}

/**
 * The change of an image with what differs in each of its inputs between an earlier catalog and this one. An input
 * stays unexplained whose hashes are not those of the two: the earlier catalog is not what was published, or this one
 * not what was previewed.
 */
export function explainChange(
  change: ImageChange,
  earlier: CatalogAt,
  current: CatalogAt,
): ImageChange {
  const { name, why, published, declared } = change;
  const [old, now] = [earlier.images.get(name), current.images.get(name)];
  if (old === undefined || now === undefined) return change;
  const before = { ...earlier, image: old };
  const after = { ...current, image: now };
  const isSame = (one: BuildInputs | undefined, other: BuildInputs, { input }: InputChange) =>
    one?.[input] === other[input];
  const hasOtherPlatforms = inputDetails('platform', before, after).length > 0;
  return {
    ...change,
    why: why.flatMap((each): readonly InputChange[] => {
      if (each.details !== undefined) return [each];
      if (!isSame(published, old.inputs, each) || !isSame(declared, now.inputs, each))
        return [each];
      const details = inputDetails(each.input, before, after);
      if (details.length > 0) return [{ ...each, details }];
      // The same for each platform that both have.
      return hasOtherPlatforms && old.kind === now.kind ? [] : [each];
    }),
  };
}

import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Tag } from '../image-reference.ts';
import { checkContexts } from '../tag/check-contexts.ts';
import type { Problem } from '../problem.ts';
import { computeBuildInputs } from '../tag/compute-build-inputs.ts';
import type { HashCache } from '../tag/hash-cache.ts';
import { immutableTag } from '../tag/build-inputs.ts';
import type { FileTree } from '../file-tree.ts';

/** The immutable tags of a catalog's images, by name; those whose base is not pinned have none. */
export type CatalogTags = ReadonlyMap<string, Tag>;

/**
 * The tags that a text would give as the catalog at `file`. `problems` are its mistakes and those of
 * its contexts, but for bases that are not pinned; with any, there are no tags.
 */
export function catalogTags(
  { file, text, tree }: { file: string; text: string; tree: FileTree },
  cache: HashCache,
): { readonly tags: CatalogTags; readonly problems: readonly Problem[] } {
  const { entries, problems } = parseCatalog({ file, text, tree });
  const all = [
    ...problems.filter(({ code }) => code !== 'UNPINNED_BASE'),
    ...checkContexts(entries, tree, cache),
  ];
  if (all.length > 0) return { tags: new Map(), problems: all };
  const images = entries.flatMap(({ image }) => image ?? []);
  const tags = images.map((image): [string, Tag] => {
    return [image.name, immutableTag(computeBuildInputs(image, tree, cache))];
  });
  return { tags: new Map(tags), problems: [] };
}

/** An image whose tag is another one after a refresh. */
export interface TagChange {
  readonly image: string;
  /** Absent where there was none, since the base was not pinned. */
  readonly from?: Tag;
  readonly to: Tag;
}

/** The images whose tags differ, in the catalog's order. */
export function compareTags(before: CatalogTags, after: CatalogTags): readonly TagChange[] {
  return [...after].flatMap(([image, to]) => {
    const from = before.get(image);
    if (from === to) return [];
    return [{ image, ...(from !== undefined && { from }), to }];
  });
}

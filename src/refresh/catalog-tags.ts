import { parseCatalog, type CatalogText } from '../catalog/parse-catalog.ts';
import type { Tag } from '../image-reference.ts';
import type { Problem } from '../problem.ts';
import type { HashCache } from '../tag/hash-context.ts';
import { tagCatalog } from '../tag/tag-catalog.ts';

/** The immutable tags of a catalog's images, by name; those whose base is not pinned have none. */
export type CatalogTags = ReadonlyMap<string, Tag>;

/**
 * The tags of a catalog's text. `problems` are those of the catalog and its contexts, but for bases
 * that are not pinned; with any, there are no tags.
 */
export function catalogTags(
  text: CatalogText,
  cache: HashCache,
): { readonly tags: CatalogTags; readonly problems: readonly Problem[] } {
  const parsed = parseCatalog(text);
  const others = parsed.problems.filter(({ code }) => code !== 'UNPINNED_BASE');
  const { images, problems } = tagCatalog({ ...parsed, problems: others }, text.tree, cache);
  if (problems.length > 0) return { tags: new Map(), problems };
  return { tags: new Map(images.map(({ image, tag }) => [image.name, tag])), problems };
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
    return from === to ? [] : [{ image, from, to }];
  });
}

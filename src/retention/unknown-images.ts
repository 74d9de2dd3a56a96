import type { Retention } from './retention.ts';

/**
 * The images in `allow` that are none of `names`, in order, each once. No mistake by itself: an image
 * may have left the catalog and still be needed. A warning, since it may also be misspelled.
 */
export function unknownImages(
  { allow }: Pick<Retention, 'allow'>,
  names: Iterable<string>,
): readonly string[] {
  const known = new Set(names);
  return [...new Set(allow.map(({ image }) => image))].filter((image) => !known.has(image)).sort();
}

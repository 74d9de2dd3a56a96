import {
  type Digest,
  type Tag,
  parseDigest,
  parseRepository,
  parseTag,
} from '../image-reference.ts';
import type { Source } from '../branches/source.ts';

/** An image that always stays: all of its versions, those that a tag names, or one. */
export interface AllowEntry {
  /** The image's name, as in the catalog. */
  readonly image: string;
  readonly tag?: Tag;
  /** Never together with a tag. */
  readonly digest?: Digest;
}

/** How long the versions of the images stay in the registry. */
export interface Retention {
  /** True: the registry logs what it would delete, and deletes nothing. */
  readonly dryRun: boolean;
  /** Seconds. A tagged version goes this long after its upload, unless something below keeps it. */
  readonly window: number;
  /** So many versions of each image stay whatever their age, untagged ones counted as well. */
  readonly keepNewest: number;
  /** Seconds. A version that no tag names goes this long after its upload. */
  readonly untaggedAfter: number;
  /** What these tags name always stays. */
  readonly keepAliases: readonly Tag[];
  readonly allow: readonly AllowEntry[];
  /** Seconds. A version whose last reference has gone stays this long from then on. */
  readonly gracePeriod: number;
  /** Whose branches use the images. Empty: no branch counts. */
  readonly sources: readonly Source[];
}

/**
 * Parses `image`, `image:tag` or `image@digest`; `undefined` for anything else. The image is a name of
 * the catalog: one with a registry or a path before it would match nothing, and so protect nothing.
 */
export function parseAllowEntry(text: string): AllowEntry | undefined {
  const [, image = '', mark, version = ''] = /^([^:@]+)(?:([:@])(.*))?$/.exec(text) ?? [];
  if (image.includes('/') || parseRepository(image) === undefined) return undefined;
  if (mark === undefined) return { image };
  if (mark === ':') {
    const tag = parseTag(version);
    return tag && { image, tag };
  }
  const digest = parseDigest(version);
  return digest && { image, digest };
}

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

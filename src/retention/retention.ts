import {
  type Digest,
  type Tag,
  parseDigest,
  parseRepository,
  parseTag,
} from '../image-reference.ts';
import type { Source } from '../branches/source.ts';

/** An image that is always kept: all its versions, the versions of a tag, or one version. */
export interface AllowEntry {
  /** The image's name, as in the catalog. */
  readonly image: string;
  readonly tag?: Tag;
  /** Never together with a tag. */
  readonly digest?: Digest;
}

/** How long the registry keeps the versions of the images. */
export interface Retention {
  /** True: the registry logs what it would delete, and deletes nothing. */
  readonly dryRun: boolean;
  /** Seconds. A tagged version expires this long after its upload. */
  readonly window: number;
  /** The number of versions of each image that are kept at any age, untagged ones counted as well. */
  readonly keepNewest: number;
  /** Seconds. An untagged version expires this long after its upload. */
  readonly untaggedAfter: number;
  /** The versions of these tags are always kept. */
  readonly keepAliases: readonly Tag[];
  readonly allow: readonly AllowEntry[];
  /** Seconds. A version is kept this long after its last reference went. */
  readonly gracePeriod: number;
  /** The repositories whose branches use the images. Empty: no branch counts. */
  readonly sources: readonly Source[];
}

/**
 * Parses `image`, `image:tag` or `image@digest`; `undefined` for anything else. The image is a name of
 * the catalog: a name with a registry or a path before it would match and protect nothing.
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
 * The images in `allow` that are not in `names`, in order, each once. They deserve a warning, since a
 * name may be misspelled, but no error: an image may have left the catalog and still be needed.
 */
export function unknownImages(
  { allow }: Pick<Retention, 'allow'>,
  names: Iterable<string>,
): readonly string[] {
  const known = new Set(names);
  return [...new Set(allow.map(({ image }) => image))].filter((image) => !known.has(image)).sort();
}

import type { Digest, Tag } from '../image-reference.ts';
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

import { parseDigest, parseRepository, parseTag } from '../image-reference.ts';
import type { NamedImage, Tag } from '../image-reference.ts';
import type { Source } from '../branches/source.ts';

export interface Retention {
  /** True: the registry logs what it would delete, and deletes nothing. */
  readonly dryRun: boolean;
  /** Seconds. A tagged version expires this long after its upload. */
  readonly window: number;
  /** The number of versions of each image that are kept at any age, beside their attachments. */
  readonly keepNewest: number;
  /** Seconds. An untagged version expires this long after its upload. */
  readonly untaggedAfter: number;
  /** The versions of these tags are always kept. */
  readonly keepAliases: readonly Tag[];
  /** Always kept: all versions of an image, the versions of a tag, or one version. */
  readonly allow: readonly NamedImage[];
  /** Seconds. A version is kept this long after its last reference went. */
  readonly gracePeriod: number;
  /** The share of the publications of a plain registry that one clean-up may delete; absent: see `MOST_DELETED`. */
  readonly mostDeletedPercent?: number | undefined;
  /** The repositories whose branches use the images. Empty: no branch counts. */
  readonly sources: readonly Source[];
}

/**
 * Parses `image`, `image:tag` or `image@digest`; `undefined` for anything else. The image is a name of
 * the catalog: a name with a registry or a path before it would match and protect nothing.
 */
export function parseAllowEntry(text: string): NamedImage | undefined {
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
 * The images in `allow` that are not in `names`, in order. A name may be misspelled, or of an image that has
 * left the catalog and is still needed.
 */
export function unknownImages(
  { allow }: Pick<Retention, 'allow'>,
  names: Iterable<string>,
): readonly string[] {
  const known = new Set(names);
  return [...new Set(allow.map(({ image }) => image))].filter((image) => !known.has(image)).sort();
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const SECONDS: Readonly<Record<string, number>> = { h: HOUR, d: DAY, w: 7 * DAY };

/** A shorter time would delete versions that are still being pushed or were only just pulled. */
const SHORTEST = DAY;
/** Ten years; a longer time is a typing error. */
const LONGEST = 3650 * DAY;

/** The seconds of `36h`, `90d` or `2w`; `undefined` for anything else and beyond the limits. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([hdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}

export function formatDuration(seconds: number): string {
  return seconds % DAY === 0 ? `${seconds / DAY}d` : `${seconds / HOUR}h`;
}

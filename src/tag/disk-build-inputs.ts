import type { DiskRecipe } from '../catalog/disk-source.ts';

/**
 * The way that disks are made here. Raised whenever the same recipe gives another disk than before:
 * then every disk gets a new tag.
 */
const CONVERSION_VERSION = 1;

/** What decides the bytes of a disk, by name. */
export type DiskBuildInputs = Readonly<
  Record<'checksum' | 'packing' | 'format' | 'enlargeBy' | 'conversion', string>
>;

/**
 * What a disk is made from, and how. The URL is not among it: the same bytes from a mirror are the
 * same disk.
 */
export function diskBuildInputs({ source, enlargeBy }: DiskRecipe): DiskBuildInputs {
  return {
    checksum: source.checksum,
    packing: source.packing ?? 'none',
    format: source.format,
    enlargeBy: String(enlargeBy),
    conversion: String(CONVERSION_VERSION),
  };
}

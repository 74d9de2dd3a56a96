import type { Checksum } from './checksum.ts';

/** What a disk is converted from, as `qemu-img` calls it. */
export const DISK_FORMATS = ['qcow2', 'raw', 'vmdk', 'vdi', 'vpc'] as const;

export type DiskFormat = (typeof DISK_FORMATS)[number];

/** How a download is packed. */
export const PACKINGS = ['xz'] as const;

export type Packing = (typeof PACKINGS)[number];

/** A disk that somebody else publishes: where it is, and what it must be. */
export interface DiskSource {
  /** `https://...`, or `http://...`: the checksum vouches for the content. */
  readonly url: string;
  /** Of the file as downloaded, still packed. */
  readonly checksum: Checksum;
  /** Absent when it is not packed. */
  readonly packing?: Packing;
  /** Of the disk inside, unpacked. */
  readonly format: DiskFormat;
}

/** How a disk is made, beside what it is made from. */
export interface DiskRecipe {
  readonly source: DiskSource;
  /** How many bytes are added to the virtual size; 0 to leave it. */
  readonly enlargeBy: number;
}

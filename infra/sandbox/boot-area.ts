/** Bytes of a sector of a disk. */
export const SECTOR = 512;

/** The sector that the one partition begins at, as partitioning programs have it: 1 MiB. */
export const PARTITION_START = 2048;

const PARTITION_TABLE = 446;

/** All that a boot sector has for code. */
const CODE_BYTES = 440;

/** A start or an end that only the sector numbers tell, as for all disks above 8 GB. */
const NO_CYLINDERS = [0xfe, 0xff, 0xff];

/**
 * What comes before the partition of a disk that a BIOS boots: a boot sector with a partition table,
 * and GRUB after it. `boot` is GRUB's `boot.img`, which goes on reading at the second sector; `core` is
 * what grub-mkimage made. `sectors` is the partition's size. Throws a RangeError if GRUB does not fit.
 */
export function bootArea(boot: Buffer, core: Buffer, sectors: number): Buffer {
  const area = Buffer.alloc(PARTITION_START * SECTOR);
  if (core.length > area.length - SECTOR) throw new RangeError('GRUB is too large for its place');
  boot.copy(area, 0, 0, CODE_BYTES);
  area.set([0x80, ...NO_CYLINDERS, 0x83, ...NO_CYLINDERS], PARTITION_TABLE); // Active, and Linux.
  area.writeUInt32LE(PARTITION_START, PARTITION_TABLE + 8);
  area.writeUInt32LE(sectors, PARTITION_TABLE + 12);
  area.writeUInt16BE(0x55aa, SECTOR - 2);
  core.copy(area, SECTOR);
  return area;
}

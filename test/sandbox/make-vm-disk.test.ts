import { describe, expect, it } from 'vitest';
import { bootArea } from '../../infra/sandbox/make-vm-disk.ts';

const BOOT = Buffer.alloc(512, 1);
const CORE = Buffer.alloc(3 * 512, 2);

describe('what comes before the partition of a disk', () => {
  const area = bootArea(BOOT, CORE, 860_160); // 420 MiB × 2048 sectors

  it('ends where the partition begins: at 1 MiB', () => {
    expect(area).toHaveLength(1024 * 1024);
    expect(area.readUInt32LE(446 + 8)).toBe(2048);
  });

  it('names one active Linux partition of that size', () => {
    expect([area[446], area[446 + 4]]).toEqual([0x80, 0x83]);
    expect(area.readUInt32LE(446 + 12)).toBe(860_160);
    expect(area.subarray(462, 510).every((byte) => byte === 0)).toBe(true);
    expect(area.readUInt16LE(510)).toBe(0xaa55);
  });

  it('begins with the code that reads on at the second sector', () => {
    expect(area.subarray(0, 440).equals(BOOT.subarray(0, 440))).toBe(true);
    expect(area[440]).toBe(0);
    expect(area.subarray(512, 4 * 512).equals(CORE)).toBe(true);
    expect(area[4 * 512]).toBe(0);
  });

  it('has room for GRUB up to the partition, and no more', () => {
    expect(() => bootArea(BOOT, Buffer.alloc(2047 * 512), 1)).not.toThrow();
    expect(() => bootArea(BOOT, Buffer.alloc(2047 * 512 + 1), 1)).toThrow(RangeError);
  });
});

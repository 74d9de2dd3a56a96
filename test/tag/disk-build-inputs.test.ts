import { expect, test } from 'vitest';
import { diskBuildInputs } from '../../src/tag/compute-build-inputs.ts';
import type { DiskRecipe, DiskSource } from '../../src/catalog/image.ts';
import { checksumOf } from '../disk/disk-workshop.ts';

const unpacked: DiskSource = {
  url: 'https://cloud.example/debian-12.raw.xz',
  checksum: checksumOf('debian 12'),
  format: 'raw',
};
const source: DiskSource = { ...unpacked, packing: 'xz' };
const recipe: DiskRecipe = { source, enlargeBy: 8 * 2 ** 30 };

test('a disk’s build inputs are texts by name', () => {
  expect(diskBuildInputs(recipe)).toEqual({
    checksum: source.checksum,
    packing: 'xz',
    format: 'raw',
    enlargeBy: '8589934592', // 8 × 1024³
    conversion: '1',
  });
});

test('the same bytes from another URL are the same disk', () => {
  const mirrored = { ...recipe, source: { ...source, url: 'http://mirror.example/12' } };
  expect(diskBuildInputs(mirrored)).toEqual(diskBuildInputs(recipe));
});

test.each<[string, DiskRecipe]>([
  ['checksum', { ...recipe, source: { ...source, checksum: checksumOf('debian 13') } }],
  ['packing', { ...recipe, source: unpacked }],
  ['format', { ...recipe, source: { ...source, format: 'vdi' } }],
  ['enlargeBy', { ...recipe, enlargeBy: 0 }],
])('another %s is another disk, and no other input changes', (name, other) => {
  const [before, after] = [recipe, other].map((one) => Object.entries(diskBuildInputs(one)));
  const changed = before?.filter(([, value], index) => after?.[index]?.[1] !== value);
  expect(changed?.map(([key]) => key)).toEqual([name]);
});

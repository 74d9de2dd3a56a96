import { expect, test } from 'vitest';
import { checkDiskInfo } from '../../src/disk/check-disk.ts';

const FILE = '/disks/disk';
const whole = {
  'virtual-size': 1024,
  'actual-size': 512,
  format: 'vmdk',
  'format-specific': { type: 'vmdk', data: { extents: [{ filename: FILE }] } },
};

test('a disk that is one file is let through, with its virtual size', () => {
  expect(checkDiskInfo(JSON.stringify(whole), FILE)).toBe(1024);
});

test.each<[string, object]>([
  ['a backing file', { 'backing-filename': 'base.qcow2' }],
  ['a backing file somewhere', { 'full-backing-filename': '/etc/shadow' }],
  ['a data file', { 'format-specific': { data: { 'data-file': '/etc/shadow' } } }],
  ['a second extent', { 'format-specific': { data: { extents: [{ filename: '/etc/shadow' }] } } }],
  ['a key', { encrypted: true }],
])('a disk that needs %s is unsafe', (_, more) => {
  const json = JSON.stringify({ ...whole, ...more });
  expect(() => checkDiskInfo(json, FILE)).toThrow(/^UNSAFE_DISK /);
});

test.each(['', '{', '[]', '{"virtual-size": -1}'])('what is no answer of qemu-img: %j', (json) => {
  expect(() => checkDiskInfo(json, FILE)).toThrow(/^CONVERSION_FAILED /);
});

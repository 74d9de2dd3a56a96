import { expect, test } from 'vitest';
import { checkDiskHead, HEAD_BYTES, checkDiskInfo } from '../../src/disk/check-disk.ts';
import type { DiskFormat } from '../../src/catalog/image.ts';

/** A head of zeros with some bytes, written as hexadecimal digits, at some offsets. */
function head(...pieces: readonly (readonly [at: number, hex: string])[]): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  for (const [at, hex] of pieces) bytes.write(hex, at, 'hex');
  return bytes;
}

const QCOW2 = [0, '514649fb00000003'] as const;
const VMDK = [0, '4b444d5601000000'] as const;
const VPC = [0, Buffer.from('conectix').toString('hex')] as const;
const XZ = head([0, 'fd377a585a0000']);
const CAPACITY = [12, '0000100000000000'] as const;
const DESCRIPTOR = Buffer.from('# Disk DescriptorFile\nRW 8 FLAT "/etc/shadow" 0\n');

test.each<[string, DiskFormat, Buffer]>([
  ['a qcow2 disk', 'qcow2', head(QCOW2)],
  ['a qcow2 disk compressed with zstd', 'qcow2', head(QCOW2, [72, '0000000000000008'])],
  ['a qcow2 disk of version 2, which has no features', 'qcow2', head([0, '514649fb00000002'])],
  ['a VMDK that holds its content', 'vmdk', head(VMDK, CAPACITY)],
  ['a dynamic VHD', 'vpc', head(VPC, [60, '00000003'])],
  ['a fixed VHD, known by its end', 'vpc', head()],
  ['a VDI', 'vdi', head([64, '7f10dabe'])],
  ['a raw disk', 'raw', head([510, '55aa'])],
  ['a raw disk of a few bytes', 'raw', Buffer.from('disk')],
])('%s is let through', (_, format, bytes) => {
  checkDiskHead(bytes, format);
});

test.each<[string, DiskFormat, Buffer, string]>([
  ['a qcow2 disk on a backing file', 'qcow2', head(QCOW2, [8, '0000000000000070']), 'backing file'],
  ['an encrypted qcow2 disk', 'qcow2', head(QCOW2, [32, '00000001']), 'encrypted'],
  [
    'a qcow2 disk beside its content',
    'qcow2',
    head(QCOW2, [72, '0000000000000004']),
    'another file',
  ],
  ['a VMDK that lists files', 'vmdk', DESCRIPTOR, 'other files'],
  ['a VMDK without a capacity', 'vmdk', head(VMDK), 'other files'],
  ['a differencing VHD', 'vpc', head(VPC, [60, '00000004']), 'parent'],
])('%s is unsafe', (_, format, bytes, reason) => {
  expect(() => {
    checkDiskHead(bytes, format);
  }).toThrow(new RegExp(`^UNSAFE_DISK .*${reason}`));
});

test.each<[string, DiskFormat, Buffer, string]>([
  ['a qcow2 disk as raw', 'raw', head(QCOW2), 'write qcow2 as its format'],
  ['a VMDK as qcow2', 'qcow2', head(VMDK, CAPACITY), 'write vmdk as its format'],
  [
    'a text that old VMDKs may be',
    'vmdk',
    Buffer.from('RW 8 FLAT "/etc/shadow" 0'),
    'the format that it has',
  ],
  ['a raw disk as qcow2', 'qcow2', head(), 'the format that it has'],
  ['something packed as raw', 'raw', XZ, 'say how it is packed: xz'],
  ['something packed otherwise as raw', 'raw', head([0, '1f8b08']), 'packed with xz'],
])('%s is refused, with what to write', (_, format, bytes, remedy) => {
  expect(() => {
    checkDiskHead(bytes, format);
  }).toThrow(new RegExp(`^WRONG_FORMAT .*${remedy}`));
});

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

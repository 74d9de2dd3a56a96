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

const BACKED = head(QCOW2, [8, '0000000000000070']);
const ELSEWHERE = head(QCOW2, [72, '0000000000000004']);
const OLD_VMDK = Buffer.from('RW 8 FLAT "/etc/shadow" 0');

test.each<[string, DiskFormat, Buffer, string]>([
  ['a qcow2 disk on a backing file', 'qcow2', BACKED, 'UNSAFE_DISK .*backing file'],
  ['an encrypted qcow2 disk', 'qcow2', head(QCOW2, [32, '00000001']), 'UNSAFE_DISK .*encrypted'],
  ['a qcow2 disk beside its content', 'qcow2', ELSEWHERE, 'UNSAFE_DISK .*another file'],
  ['a VMDK that lists files', 'vmdk', DESCRIPTOR, 'UNSAFE_DISK .*other files'],
  ['a VMDK without a capacity', 'vmdk', head(VMDK), 'UNSAFE_DISK .*other files'],
  ['a differencing VHD', 'vpc', head(VPC, [60, '00000004']), 'UNSAFE_DISK .*parent'],
  ['a qcow2 disk as raw', 'raw', head(QCOW2), 'WRONG_FORMAT .*write qcow2 as its format'],
  ['a VMDK as qcow2', 'qcow2', head(VMDK, CAPACITY), 'WRONG_FORMAT .*write vmdk as its format'],
  ['a text that old VMDKs may be', 'vmdk', OLD_VMDK, 'WRONG_FORMAT .*the format that it has'],
  ['a raw disk as qcow2', 'qcow2', head(), 'WRONG_FORMAT .*the format that it has'],
  ['something packed as raw', 'raw', XZ, 'WRONG_FORMAT .*say how it is packed: xz'],
  ['something packed otherwise', 'raw', head([0, '1f8b08']), 'WRONG_FORMAT .*packed with xz'],
])('%s is refused', (_, format, bytes, error) => {
  const check = () => {
    checkDiskHead(bytes, format);
  };
  expect(check).toThrow(new RegExp(`^${error}`));
});

const FILE = '/disks/disk';
const whole = {
  'virtual-size': 1024,
  'actual-size': 512,
  format: 'vmdk',
  'format-specific': { type: 'vmdk', data: { extents: [{ filename: FILE }] } },
};

test('a disk that is one file is let through', () => {
  checkDiskInfo(JSON.stringify(whole), FILE);
  checkDiskInfo('{"virtual-size": 1}', FILE);
});

const needing = (more: object) => JSON.stringify({ ...whole, ...more });
const specific = (data: object) => needing({ 'format-specific': { data } });

test.each([
  ['a backing file', needing({ 'backing-filename': 'base.qcow2' }), 'UNSAFE_DISK'],
  ['a backing file somewhere', needing({ 'full-backing-filename': '/etc/shadow' }), 'UNSAFE_DISK'],
  ['a data file', specific({ 'data-file': '/etc/shadow' }), 'UNSAFE_DISK'],
  ['a second extent', specific({ extents: [{ filename: '/etc/shadow' }] }), 'UNSAFE_DISK'],
  ['a key', needing({ encrypted: true }), 'UNSAFE_DISK'],
  ...['', '{', '[]', '{"virtual-size": -1}'].map((json) => ['sense', json, 'CONVERSION_FAILED']),
])('a disk that needs %s is refused: %s', (_, json = '', code = '') => {
  const check = () => {
    checkDiskInfo(json, FILE);
  };
  expect(check).toThrow(new RegExp(`^${code} `));
});

import { lstatSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header } from 'tar';
import { beforeEach, expect, test } from 'vitest';
import { checkDiskFiles, diskFiles, extractDisk } from '../../src/verify/disk-in-layer.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const DISK = 'disk/disk.qcow2';

type Entry = readonly [path: string, content: string | { readonly to: string }];

/** An archive of these, in 512-byte blocks, with its paths as they are given: the tar library tidies them. */
function layerOf(...entries: readonly Entry[]): string {
  const blocks = entries.flatMap(([path, content]) => {
    const isFile = typeof content === 'string';
    const bytes = Buffer.from(isFile ? content : '');
    const type = isFile
      ? { type: 'File' as const }
      : { type: 'SymbolicLink' as const, linkpath: content.to };
    const header = new Header({ path, mode: 0o644, uid: 107, size: bytes.length, ...type });
    const block = Buffer.alloc(512);
    header.encode(block);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  const file = join(folder, 'layer.tar');
  writeFileSync(file, Buffer.concat([...blocks, Buffer.alloc(1024)]));
  return file;
}

test.each([DISK, './disk/disk.qcow2', '/disk/disk.qcow2'])(
  'a disk is found and taken out under the one name it has: %s',
  async (path) => {
    const layer = layerOf([path, 'a disk'], ['etc/disk/disk.qcow2', 'another']);
    const found = checkDiskFiles(await diskFiles(layer));
    const disk = await extractDisk(layer, found, folder);
    expect(readFileSync(disk, 'utf8')).toBe('a disk');
    expect(lstatSync(disk).isFile()).toBe(true);
  },
);

test.each(['.//disk/disk.qcow2', '//disk/disk.qcow2', '././disk/disk.qcow2'])(
  'a file and a link that are one file are two: %s',
  async (path) => {
    const layer = layerOf([DISK, 'a disk'], [path, { to: '/etc/passwd' }]);
    expect((await diskFiles(layer)).map((file) => file.path)).toEqual([DISK, DISK]);
  },
);

test('a layer that ends too soon is no disk that is shorter', async () => {
  const layer = layerOf([DISK, 'a disk'.repeat(1000)]);
  truncateSync(layer, 2048);
  await expect(extractDisk(layer, { path: DISK, size: 6000 }, folder)).rejects.toThrow();
});

test('a disk of which less could be written than there is does not count', async () => {
  const extracted = extractDisk(layerOf([DISK, 'a disk']), { path: DISK, size: 7 }, folder);
  await expect(extracted).rejects.toThrow(/NO_SPACE.*7 bytes, of which 6/);
});

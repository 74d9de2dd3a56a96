import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSpace, spaceNeeded } from '../../src/disk/space-needed.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Reply } from '../registry/scripted-server.ts';
import { checksumFixture, recipeFixture } from '../tag/image-fixture.ts';

/** Disks by the digit of their checksum, on a server where the name of a disk is its size. */
async function recipes(sizes: Readonly<Record<string, string>>) {
  const { origin, asked } = await scriptedServer(({ method, url }): Reply => {
    const [, size = '', only] = /^\/(\d*)(.*)$/.exec(url) ?? [];
    if (size === '') return { status: 404 };
    if (only === '') return { status: 200, headers: { 'content-length': size } };
    if (method === 'HEAD') return { status: 403 };
    if (only === '-whole')
      return { status: 200, headers: { 'content-length': size }, body: 'x'.repeat(Number(size)) };
    return { status: 206, body: 'x', headers: { 'content-range': `bytes 0-0/${size}` } };
  });
  const all = Object.entries(sizes).map(([digit, size]) => {
    const url = `${origin}/${size}`;
    return recipeFixture({ url, checksum: checksumFixture(digit) });
  });
  return { all, asked };
}

test('the need is what is not kept already, and as many prepared disks as are there at once', async () => {
  const { all, asked } = await recipes({ a: '500', b: '300', c: '100', d: 'unknown', e: 'kept' });
  const folder = temporaryFolder();
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  writeFileSync(join(downloads, checksumFixture('e').replace(':', '-')), 'x'.repeat(400));
  const options = { downloads, atOnce: 2, freeSpace: () => Promise.resolve(7000) };
  expect(await spaceNeeded([...all, ...all], options)).toEqual({
    disks: 5,
    unknown: 1,
    download: 900,
    prepared: 900,
    largest: 1000,
    free: 7000,
  });
  expect(asked.map(({ method }) => method).toSorted()).toEqual([
    'GET',
    'HEAD',
    'HEAD',
    'HEAD',
    'HEAD',
  ]);
});

test('a server that refuses HEAD states the size by the first byte', async () => {
  const { all, asked } = await recipes({ a: '500-range', b: '300-whole' });
  const options = { downloads: temporaryFolder(), atOnce: 2, freeSpace: () => Promise.resolve(0) };
  expect(await spaceNeeded(all, options)).toMatchObject({ unknown: 0, download: 800 });
  const get = asked.find(({ method }) => method === 'GET');
  expect(get?.headers).toMatchObject({ range: 'bytes=0-0' });
});

test('a first run has no folder yet, and a preview makes none', async () => {
  const folder = temporaryFolder();
  const downloads = join(folder, 'cache', 'downloads');
  const freeSpace = (place: string) => Promise.resolve(place === folder ? 1 : 0);
  expect(await spaceNeeded([], { downloads, atOnce: 2, freeSpace })).toMatchObject({ free: 1 });
  expect(readdirSync(folder)).toEqual([]);
});

test('downloads of other disks count as free, since they go where there is no room', async () => {
  const downloads = temporaryFolder();
  const { all } = await recipes({ e: 'kept' });
  for (const digit of ['a', 'b', 'e']) {
    const file = join(downloads, checksumFixture(digit).replace(':', '-'));
    writeFileSync(file, 'x'.repeat(100));
    // One of them is in use.
    if (digit !== 'b') utimesSync(file, 1, 1);
  }
  const options = { downloads, atOnce: 2, freeSpace: () => Promise.resolve(7) };
  expect(await spaceNeeded(all, options)).toMatchObject({ free: 107 });
});

const NEED = { disks: 3, unknown: 1, download: 4e9, prepared: 3e9, largest: 5e9 };

test.each([
  [
    7e9,
    'info',
    /^VM disks to build: 3 \(1 of unknown size not counted\); .* 4\.0 GB of .* 3\.0 GB/,
  ],
  [6.9e9, 'warning', /and 6\.9 GB are free in \/cache: they may not fit; make room there/],
  [5e9, 'warning', /they may not fit/],
  [4.9e9, 'error', /^NO_SPACE .* one of them alone needs 5\.0 GB; make room there/],
])('with %d bytes free it is told as %s', (free, severity, text) => {
  const described = describeSpace({ ...NEED, free }, '/cache');
  expect(described.severity).toBe(severity);
  expect(described.text).toMatch(text);
});

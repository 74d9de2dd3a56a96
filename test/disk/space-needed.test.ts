import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DiskRecipe } from '../../src/catalog/image.ts';
import { spaceNeeded } from '../../src/disk/space-needed.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Reply } from '../registry/scripted-server.ts';
import { known } from '../support/fixtures.ts';
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

const FREE = 7000;

/** What is free is the same everywhere, and folders are on file systems by their first letter. */
function worldOf(free: (folder: string) => number = () => FREE) {
  return {
    parallel: 2,
    freeSpace: (folder: string) => Promise.resolve(free(folder)),
    fileSystemOf: (folder: string) => Promise.resolve(folder.slice(0, 2)),
  };
}

/** Disks that are built on another machine, with room for all at once. */
const away = (all: readonly DiskRecipe[]) => [
  { recipes: all, parallel: Infinity, root: undefined },
];

test('the need is what is not kept already, and as many prepared disks as are there at once', async () => {
  const { all, asked } = await recipes({ a: '500', b: '300', c: '100', d: 'unknown', e: 'kept' });
  const folder = temporaryFolder();
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  writeFileSync(join(downloads, checksumFixture('e').replace(':', '-')), 'x'.repeat(400));
  expect(await spaceNeeded(away([...all, ...all]), { downloads, ...worldOf() })).toEqual({
    disks: 5,
    unknown: 1,
    download: 900,
    prepared: 900,
    largest: 1000,
    free: FREE,
    docker: [],
    unseen: 5,
  });
  expect(asked.map(({ method }) => method).toSorted()).toEqual([
    'GET',
    'HEAD',
    'HEAD',
    'HEAD',
    'HEAD',
  ]);
});

test('no more prepared disks are there than the engines have places for theirs', async () => {
  const { all } = await recipes({ a: '500', b: '300', c: '100', d: '50' });
  const options = { downloads: temporaryFolder(), ...worldOf(), parallel: 8 };
  const engines = (first: number, second: number) => [
    { recipes: all.slice(0, 1), parallel: first, root: undefined },
    { recipes: all.slice(1), parallel: second, root: undefined },
  ];
  expect(await spaceNeeded(engines(5, 1), options)).toMatchObject({ prepared: 800 });
  expect(await spaceNeeded(engines(1, 2), options)).toMatchObject({ prepared: 900 });
  expect(await spaceNeeded(engines(Infinity, Infinity), options)).toMatchObject({ prepared: 950 });
});

test('what is made of one download in two ways is two disks', async () => {
  const { all } = await recipes({ a: '500' });
  const [plain, enlarged] = all.flatMap((each) => [each, { ...each, enlargeBy: 1024 }]);
  const root = { folder: '/var/lib/docker', copies: 3 };
  const engines = [{ recipes: [plain, enlarged, plain].map(known), parallel: 8, root }];
  const options = { downloads: temporaryFolder(), ...worldOf() };
  expect(await spaceNeeded(engines, options)).toMatchObject({
    disks: 2,
    download: 500,
    prepared: 1000,
    largest: 1000,
    docker: [{ needed: 3000 }],
  });
});

test.each([
  ['copied', { format: 'qcow2' }, 1000],
  ['unpacked', { format: 'raw', packing: 'xz' }, 1000],
  // The holes of a raw disk are not converted.
  ['only converted', { format: 'raw' }, 500],
] as const)('a disk that is %s takes at least so much by itself', async (_, change, largest) => {
  const { all } = await recipes({ a: '500' });
  const changed = all.map((recipe) => ({ ...recipe, source: { ...recipe.source, ...change } }));
  const options = { downloads: temporaryFolder(), ...worldOf() };
  expect(await spaceNeeded(away(changed), options)).toMatchObject({ prepared: 500, largest });
});

test('Docker takes each disk several times, on the file system of its own folder', async () => {
  const { all } = await recipes({ a: '500', b: '300', c: 'unknown' });
  const engine = (folder: string, copies: number) => {
    return { recipes: [...all, ...all], parallel: 1, root: { folder, copies } };
  };
  const options = {
    downloads: temporaryFolder(),
    ...worldOf((folder) => (folder.startsWith('/v') ? 50 : FREE)),
  };
  const engines = [engine('/var/lib/docker', 3), engine('/tmp/docker', 5)];
  expect(await spaceNeeded(engines, options)).toMatchObject({
    docker: [
      { folders: ['/var/lib/docker'], needed: 2400, free: 50, isShared: false },
      { folders: ['/tmp/docker'], needed: 4000, free: FREE, isShared: true },
    ],
    unseen: 0,
  });
});

test('engines with their folders on one file system share what is free there', async () => {
  const { all } = await recipes({ a: '500', b: '300' });
  const engine = (at: number, folder: string) => {
    return { recipes: all.slice(at, at + 1), parallel: 1, root: { folder, copies: 3 } };
  };
  const engines = [engine(0, '/var/lib/docker'), engine(1, '/var/other'), engine(1, '/var/other')];
  const options = { downloads: temporaryFolder(), ...worldOf() };
  expect((await spaceNeeded(engines, options)).docker).toEqual([
    { folders: ['/var/lib/docker', '/var/other'], needed: 3300, free: FREE, isShared: false },
  ]);
});

test('a folder of Docker that is not there, or on another machine, counts nothing', async () => {
  const { all } = await recipes({ a: '500' });
  const gone = { recipes: all, parallel: 1, root: { folder: '/var/lib/docker', copies: 3 } };
  const world = worldOf();
  const freeSpace = (folder: string) =>
    folder.startsWith('/var') ? Promise.reject(new Error('ENOENT')) : world.freeSpace(folder);
  const options = { downloads: temporaryFolder(), ...world, freeSpace };
  expect(await spaceNeeded([gone], options)).toMatchObject({ docker: [], unseen: 1 });
});

test('a server that refuses HEAD states the size by the first byte', async () => {
  const { all, asked } = await recipes({ a: '500-range', b: '300-whole' });
  const options = { downloads: temporaryFolder(), ...worldOf() };
  expect(await spaceNeeded(away(all), options)).toMatchObject({ unknown: 0, download: 800 });
  const get = asked.find(({ method }) => method === 'GET');
  expect(get?.headers).toMatchObject({ range: 'bytes=0-0' });
});

test('a first run has no folder yet, and a preview makes none', async () => {
  const folder = temporaryFolder();
  const downloads = join(folder, 'cache', 'downloads');
  const world = worldOf((place) => (place === folder ? 1 : 0));
  expect(await spaceNeeded([], { downloads, ...world })).toMatchObject({ free: 1 });
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
  const root = { folder: '/tmp/docker', copies: 3 };
  const engines = [{ recipes: all, parallel: 1, root }];
  expect(await spaceNeeded(engines, { downloads, ...worldOf(() => 7) })).toMatchObject({
    free: 107,
    docker: [{ free: 107, isShared: true }],
  });
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DiskFormat, Packing } from '../../src/catalog/image.ts';
import { DISK_FILE, diskFolder, prepareDisk } from '../../src/disk/prepare-disk.ts';
import { removableBytes, unfinished } from '../../src/disk/disk-files.ts';
import {
  checksumOf,
  diskFailure,
  diskWorkshop,
  ENLARGE_BY,
  INSTALL_MS,
  providedPrograms,
} from './disk-workshop.ts';

beforeAll(providedPrograms, INSTALL_MS);

type Workshop = ReturnType<typeof diskWorkshop>;

/** What a recipe says of a served disk. */
type Served = readonly [file: string, DiskFormat, Packing?];

const convert =
  (options: string, file: string) =>
  ({ run }: Workshop) =>
    run(`qemu-img convert -f raw ${options} a.raw ${file}`);

/** A disk of each kind, made of `a.raw`. */
const KINDS: Record<string, readonly [Served, ...((workshop: Workshop) => unknown)[]]> = {
  'a qcow2 disk': [['a.qcow2', 'qcow2'], convert('-O qcow2', 'a.qcow2')],
  'a compressed qcow2 disk packed with xz': [
    ['a.qcow2.xz', 'qcow2', 'xz'],
    convert('-c -O qcow2', 'a.qcow2'),
    ({ run }) => run('xz a.qcow2'),
  ],
  'a raw disk': [['a.raw', 'raw']],
  'a raw disk packed with xz': [['a.raw.xz', 'raw', 'xz'], ({ run }) => run('xz --keep a.raw')],
  'a VMDK': [['a', 'vmdk'], convert('-O vmdk -o subformat=streamOptimized', 'a')],
  'a VDI': [['a.vdi', 'vdi'], convert('-O vdi', 'a.vdi')],
  'a VHD': [['a.vhd', 'vpc'], convert('-O vpc -o force_size=on', 'a.vhd')],
};

async function served(workshop: Workshop, kind: string) {
  workshop.writeRaw('a.raw');
  const [[name, format, packing], ...steps] = KINDS[kind] ?? [['a.raw', 'raw']];
  for (const step of steps) step(workshop);
  return workshop.recipe(name, { format, packing });
}

/** The free space of a machine that has none for disks. */
function withoutRoom({ folders }: Workshop) {
  return (folder: string) => Promise.resolve(folder.startsWith(folders.disks) ? 100_000 : 10 ** 9);
}

test.each(Object.keys(KINDS))(
  '%s becomes an enlarged qcow2 disk with the same content',
  async (kind) => {
    const workshop = diskWorkshop();
    const recipe = await served(workshop, kind);
    const folder = await workshop.prepare(recipe);
    expect(folder).toBe(diskFolder(recipe, workshop.folders));
    expect(readdirSync(folder)).toEqual([DISK_FILE]);
    expect(statSync(join(folder, DISK_FILE)).mode & 0o777).toBe(0o444);
    const raw = workshop.writeRaw('a.raw');
    const size = raw.length + ENLARGE_BY;
    expect(workshop.infoOf(folder)).toEqual({ 'virtual-size': size, format: 'qcow2' });
    const enlarged = Buffer.concat([raw, Buffer.alloc(ENLARGE_BY)]);
    expect(workshop.contentOf(folder).equals(enlarged)).toBe(true);
    expect(workshop.left()).toEqual([basename(folder)]);
  },
);

test('the size may stay as it is', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a raw disk');
  const folder = await workshop.prepare({ ...recipe, enlargeBy: 0 });
  expect(workshop.infoOf(folder)['virtual-size']).toBe(4 * 1024 * 1024);
});

test.each(Object.keys(KINDS))('%s becomes the same bytes each time', async (kind) => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, kind);
  const { disks, downloads } = workshop.folders;
  const prepared = async (run: number) => {
    const folder = await prepareDisk(recipe, { downloads, disks: `${disks}-${run}` });
    return checksumOf(readFileSync(join(folder, DISK_FILE)));
  };
  expect(await prepared(1)).toBe(await prepared(2));
  expect(recipe.asked).toHaveLength(1);
  // What is made of the download does not touch it.
  const [kept = ''] = readdirSync(downloads);
  expect(checksumOf(readFileSync(join(downloads, kept)))).toBe(recipe.source.checksum);
});

test('a disk that is there already is only checked, and made anew when it is damaged', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a raw disk');
  const disk = join(await workshop.prepare(recipe), DISK_FILE);
  const { ino } = statSync(disk);
  await workshop.prepare(recipe);
  expect(statSync(disk).ino).toBe(ino);
  chmodSync(disk, 0o644);
  truncateSync(disk, 100);
  await workshop.prepare(recipe);
  expect(workshop.infoOf(diskFolder(recipe, workshop.folders)).format).toBe('qcow2');
});

test('runs that prepare the same disk at once both have it', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a raw disk packed with xz');
  const folders = await Promise.all([workshop.prepare(recipe), workshop.prepare(recipe)]);
  expect(new Set(folders).size).toBe(1);
  expect(workshop.left()).toEqual(readdirSync(workshop.folders.disks));
  expect(workshop.left()).toHaveLength(1);
});

test('a run that is cancelled while it converts leaves nothing but the download', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a raw disk');
  const cancellation = new AbortController();
  const reason = new Error('cancelled');
  const note = (line: string) => {
    if (line.startsWith('converting')) cancellation.abort(reason);
  };
  await expect(workshop.prepare(recipe, { signal: cancellation.signal, note })).rejects.toBe(
    reason,
  );
  expect(workshop.left()).toEqual([]);
  expect(readdirSync(workshop.folders.downloads)).toHaveLength(1);
});

test('what a killed run left long ago is removed by the next', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a raw disk');
  for (const place of Object.values(workshop.folders)) {
    mkdirSync(place);
    const left = unfinished(join(place, 'left'));
    writeFileSync(left, '');
    utimesSync(left, 0, 0);
  }
  await workshop.prepare(recipe);
  expect(workshop.left()).toEqual([basename(diskFolder(recipe, workshop.folders))]);
});

test('downloads do not grow without end: those of long ago go', async () => {
  const workshop = diskWorkshop();
  const { downloads } = workshop.folders;
  mkdirSync(downloads, { recursive: true });
  for (const [name, gibibytes] of Object.entries({ large: 11, small: 9 })) {
    writeFileSync(join(downloads, name), '');
    truncateSync(join(downloads, name), gibibytes * 1024 ** 3);
    utimesSync(join(downloads, name), 0, name === 'small' ? 1 : 0);
  }
  await workshop.prepare(await served(workshop, 'a raw disk'));
  expect(readdirSync(downloads)).toHaveLength(2);
  expect(readdirSync(downloads)).toContain('small');
});

describe('a disk that can’t be made', () => {
  const create =
    (options: string) =>
    ({ run }: Workshop) =>
      run(`qemu-img create -f ${options}`);
  /** Nothing is said to be in use any more. */
  const clearReferenceCounts = ({ path }: Workshop) => {
    const bytes = readFileSync(path('a'));
    writeFileSync(path('a'), bytes.fill(0, 2 * 65_536, 3 * 65_536));
  };

  test.each<[string, RegExp, Served, ...((workshop: Workshop) => unknown)[]]>([
    [
      'is not packed as it says',
      /^UNPACK_FAILED .*File format not recognized/,
      ['a.raw', 'raw', 'xz'],
    ],
    [
      'is packed, and its end is missing',
      /^UNPACK_FAILED /,
      ['a.raw.xz', 'raw', 'xz'],
      ({ run }) => run('xz a.raw'),
      ({ path }) => {
        truncateSync(path('a.raw.xz'), 500);
      },
    ],
    ['is not of its format', /^WRONG_FORMAT /, ['a.raw', 'qcow2']],
    [
      'has a backing file on this machine',
      /^UNSAFE_DISK /,
      ['a', 'qcow2'],
      create('qcow2 -u -b /etc/hostname -F raw a 4M'),
    ],
    [
      'has a data file on this machine',
      /^UNSAFE_DISK /,
      ['a', 'qcow2'],
      create('qcow2 -o data_file=data a 4M'),
    ],
    [
      'is a VMDK with a parent',
      /^UNSAFE_DISK /,
      ['a', 'vmdk'],
      create('vmdk parent 4M'),
      create('vmdk -b parent -F vmdk a'),
    ],
    [
      'is damaged inside',
      /^CONVERSION_FAILED /,
      ['a', 'qcow2'],
      convert('-O qcow2', 'a'),
      clearReferenceCounts,
    ],
  ])('%s', async (_, message, [name, format, packing], ...steps) => {
    const workshop = diskWorkshop();
    workshop.writeRaw('a.raw');
    for (const step of steps) step(workshop);
    const recipe = await workshop.recipe(name, { format, packing });
    expect((await diskFailure(workshop.prepare(recipe))).message).toMatch(message);
    expect(workshop.left()).toEqual([]);
  });

  test('makes room with its download for the next disk, which the same run makes', async () => {
    const workshop = diskWorkshop();
    const recipe = await served(workshop, 'a raw disk');
    await diskFailure(workshop.prepare(recipe, { freeSpace: withoutRoom(workshop) }));
    const { downloads } = workshop.folders;
    expect(await removableBytes(downloads, [])).toBeGreaterThan(0);
    await workshop.prepare(recipe);
    expect(await removableBytes(downloads, [])).toBeGreaterThan(0);
  });

  test.each([
    ['a qcow2 disk', 'copy it'],
    ['a raw disk', 'convert it'],
    ['a raw disk packed with xz', 'unpack it'],
  ])('has no room: %s', async (kind, purpose) => {
    const workshop = diskWorkshop();
    const recipe = await served(workshop, kind);
    const freeSpace = withoutRoom(workshop);
    const error = await diskFailure(workshop.prepare(recipe, { freeSpace }));
    expect(error).toMatchObject({ code: 'NO_SPACE' });
    expect(error.problem).toContain(purpose);
    expect(workshop.left()).toEqual([]);
    expect(existsSync(diskFolder(recipe, workshop.folders))).toBe(false);
  });
});

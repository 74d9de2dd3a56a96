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
import { unfinished } from '../../src/disk/disk-files.ts';
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

/** A served disk of each kind. */
const KINDS: Record<string, (workshop: Workshop) => readonly [string, DiskFormat, Packing?]> = {
  'a qcow2 disk': ({ run }) => {
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', 'a.raw', 'a.qcow2');
    return ['a.qcow2', 'qcow2'];
  },
  'a compressed qcow2 disk packed with xz': ({ run }) => {
    run('qemu-img', 'convert', '-c', '-f', 'raw', '-O', 'qcow2', 'a.raw', 'a.qcow2');
    run('xz', 'a.qcow2');
    return ['a.qcow2.xz', 'qcow2', 'xz'];
  },
  'a raw disk': () => ['a.raw', 'raw'],
  'a raw disk packed with xz': ({ run }) => {
    run('xz', '--keep', 'a.raw');
    return ['a.raw.xz', 'raw', 'xz'];
  },
  'a VMDK': ({ run }) => {
    run(
      'qemu-img',
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=streamOptimized',
      'a.raw',
      'a',
    );
    return ['a', 'vmdk'];
  },
  'a VDI': ({ run }) => {
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'vdi', 'a.raw', 'a.vdi');
    return ['a.vdi', 'vdi'];
  },
  'a VHD': ({ run }) => {
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'vpc', '-o', 'force_size=on', 'a.raw', 'a.vhd');
    return ['a.vhd', 'vpc'];
  },
};

async function served(workshop: Workshop, kind: string) {
  workshop.writeRaw('a.raw');
  const [name, format, packing] = KINDS[kind]?.(workshop) ?? ['a.raw', 'raw'];
  return workshop.recipe(name, { format, ...(packing && { packing }) });
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
    expect(workshop.infoOf(folder)).toEqual({
      'virtual-size': raw.length + ENLARGE_BY,
      format: 'qcow2',
    });
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
  const prepared = async () => {
    const { disks, ...folders } = workshop.folders;
    const folder = await prepareDisk(recipe, {
      ...folders,
      disks: `${disks}-${String(Math.random())}`,
    });
    return checksumOf(readFileSync(join(folder, DISK_FILE)));
  };
  expect(await prepared()).toBe(await prepared());
  expect(recipe.asked).toHaveLength(1);
});

test('the download is not touched by what is made of it', async () => {
  const workshop = diskWorkshop();
  const recipe = await served(workshop, 'a qcow2 disk');
  await workshop.prepare(recipe);
  const [kept = ''] = readdirSync(workshop.folders.downloads);
  expect(checksumOf(readFileSync(join(workshop.folders.downloads, kept)))).toBe(
    recipe.source.checksum,
  );
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

describe('a disk that can’t be made', () => {
  const failure = async (
    workshop: Workshop,
    name: string,
    format: DiskFormat,
    packing?: Packing,
  ) => {
    const recipe = await workshop.recipe(name, { format, ...(packing && { packing }) });
    const error = await diskFailure(workshop.prepare(recipe));
    expect(workshop.left()).toEqual([]);
    return error;
  };

  test('is not packed as it says', async () => {
    const workshop = diskWorkshop();
    workshop.writeRaw('a.raw');
    expect(await failure(workshop, 'a.raw', 'raw', 'xz')).toMatchObject({
      code: 'UNPACK_FAILED',
      problem: expect.stringContaining('File format not recognized') as string,
    });
  });

  test('is packed, and its end is missing', async () => {
    const workshop = diskWorkshop();
    workshop.writeRaw('a.raw');
    workshop.run('xz', 'a.raw');
    truncateSync(workshop.path('a.raw.xz'), 500);
    expect((await failure(workshop, 'a.raw.xz', 'raw', 'xz')).code).toBe('UNPACK_FAILED');
  });

  test('is not of its format', async () => {
    const workshop = diskWorkshop();
    workshop.writeRaw('a.raw');
    expect((await failure(workshop, 'a.raw', 'qcow2')).code).toBe('WRONG_FORMAT');
  });

  test('has a backing file on this machine', async () => {
    const workshop = diskWorkshop();
    workshop.run(
      'qemu-img',
      'create',
      '-f',
      'qcow2',
      '-u',
      '-b',
      '/etc/hostname',
      '-F',
      'raw',
      'a',
      '4M',
    );
    expect((await failure(workshop, 'a', 'qcow2')).code).toBe('UNSAFE_DISK');
  });

  test('has a data file on this machine', async () => {
    const workshop = diskWorkshop();
    const options = `data_file=${workshop.path('data')}`;
    workshop.run('qemu-img', 'create', '-f', 'qcow2', '-o', options, 'a', '4M');
    expect((await failure(workshop, 'a', 'qcow2')).code).toBe('UNSAFE_DISK');
  });

  test('is a VMDK with a parent', async () => {
    const workshop = diskWorkshop();
    workshop.run('qemu-img', 'create', '-f', 'vmdk', 'parent', '4M');
    workshop.run('qemu-img', 'create', '-f', 'vmdk', '-b', 'parent', '-F', 'vmdk', 'a');
    expect((await failure(workshop, 'a', 'vmdk')).code).toBe('UNSAFE_DISK');
  });

  test('is damaged inside', async () => {
    const workshop = diskWorkshop();
    workshop.writeRaw('a.raw');
    workshop.run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', 'a.raw', 'a');
    const bytes = readFileSync(workshop.path('a'));
    bytes.fill(0, 2 * 65_536, 3 * 65_536); // Its reference counts: nothing is said to be in use.
    writeFileSync(workshop.path('a'), bytes);
    expect((await failure(workshop, 'a', 'qcow2')).code).toBe('CONVERSION_FAILED');
  });

  test.each([
    ['a qcow2 disk', 'copy it'],
    ['a raw disk', 'convert it'],
    ['a raw disk packed with xz', 'unpack it'],
  ])('has no room: %s', async (kind, purpose) => {
    const workshop = diskWorkshop();
    const recipe = await served(workshop, kind);
    const freeSpace = (folder: string) =>
      Promise.resolve(folder.startsWith(workshop.folders.disks) ? 100_000 : 10 ** 9);
    const error = await diskFailure(workshop.prepare(recipe, { freeSpace }));
    expect(error).toMatchObject({ code: 'NO_SPACE' });
    expect(error.problem).toContain(purpose);
    expect(workshop.left()).toEqual([]);
    expect(existsSync(diskFolder(recipe, workshop.folders))).toBe(false);
  });
});

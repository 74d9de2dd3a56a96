import { chmod, constants, copyFile, open, rename, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { DiskFormat, DiskRecipe } from '../catalog/image.ts';
import { checkDiskFile, checkDiskInfo } from './check-disk.ts';
import { type DiskErrorCode, DiskError } from './disk-error.ts';
import { requireSpace } from './disk-files.ts';
import { runProgram } from './run-program.ts';
import type { World } from './world.ts';

/** Leaked clusters: some space is wasted, and nothing is wrong. */
const LEAKS_ONLY = 3;

/** Written out, so that another version of qemu-img with other defaults makes the same disk. */
const QCOW2_OPTIONS = 'compat=1.1,cluster_size=65536,lazy_refcounts=off,refcount_bits=16';

const Measured = z.object({ required: z.int().nonnegative() });

/**
 * Makes the new file `target` from an unpacked disk: qcow2, enlarged, checked, readable by all, and
 * the same bytes each time. The unpacked copy of a packed disk is used up. Throws a DiskError.
 */
export async function makeDisk(
  file: string,
  target: string,
  { source: { format, packing }, enlargeBy }: DiskRecipe,
  world: World,
): Promise<void> {
  await checkDiskFile(file, format);
  // The format is always given: qemu-img would believe the first bytes of a raw disk.
  const info = await qemuImg('WRONG_FORMAT', world, 'info', '-f', format, '--output=json', file);
  checkDiskInfo(info, file);
  if (format !== 'qcow2') await convert(file, target, format, world);
  else if (packing !== undefined) await rename(file, target);
  else await copy(file, target, world);
  await chmod(target, 0o644);
  if (enlargeBy > 0) {
    const by = `+${String(enlargeBy)}`;
    await qemuImg('CONVERSION_FAILED', world, 'resize', '-q', '-f', 'qcow2', target, by);
  }
  await checkDisk(target, world);
  await chmod(target, 0o444);
  // A file that is renamed before its content is written may be empty after a power cut.
  await using handle = await open(target, 'r');
  await handle.datasync();
  // The layer of an image has the time, too.
  await utimes(target, 0, 0);
}

/** Throws a DiskError for a qcow2 disk that is not consistent. */
export async function checkDisk(disk: string, { signal }: Pick<World, 'signal'>): Promise<void> {
  const options = { signal, failsWith: 'CONVERSION_FAILED', accept: [LEAKS_ONLY] } as const;
  await runProgram('qemu-img', ['check', '-q', '-f', 'qcow2', disk], options);
}

async function convert(file: string, target: string, format: DiskFormat, world: World) {
  const from = ['-f', format, '-O', 'qcow2'];
  const measured = await qemuImg(
    'CONVERSION_FAILED',
    world,
    'measure',
    ...from,
    '--output=json',
    file,
  );
  const { required } = Measured.parse(JSON.parse(measured));
  await requireSpace(dirname(target), required, 'convert it', world);
  world.note(`converting from ${format} to qcow2`);
  // One request at a time, and no write out of order: clusters lie where they lay the last time.
  const inOrder = ['-m', '1', '-o', QCOW2_OPTIONS];
  await qemuImg('CONVERSION_FAILED', world, 'convert', ...from, ...inOrder, file, target);
}

/** Shares the blocks where the file system can. */
async function copy(file: string, target: string, world: World): Promise<void> {
  const { size } = await stat(file);
  await requireSpace(dirname(target), size, 'copy it', world);
  await copyFile(file, target, constants.COPYFILE_FICLONE);
}

/** Takes absolute paths, so that none looks like a protocol. */
function qemuImg(failsWith: DiskErrorCode, { signal }: World, ...args: readonly string[]) {
  return runProgram('qemu-img', args, { signal, failsWith });
}

/** Unpacks a file, packed with xz, to the new file `target`. Holes stay holes. Throws a DiskError. */
export async function unpack(packed: string, target: string, world: World): Promise<void> {
  const options = { signal: world.signal, failsWith: 'UNPACK_FAILED' } as const;
  const listing = await runProgram('xz', ['--robot', '--list', '--', packed], options);
  // The fourth column of the totals (xz(1), "ROBOT MODE").
  const size = Number(/^totals(?:\t[^\t]*){3}\t(\d+)/m.exec(listing)?.[1]);
  if (Number.isNaN(size)) {
    throw new DiskError('UNPACK_FAILED', 'xz does not say how large it is', 'use xz 5.2 or later');
  }
  await requireSpace(dirname(target), size, 'unpack it', world);
  await using file = await open(target, 'wx');
  const args = ['--decompress', '--stdout', '--', packed];
  await runProgram('xz', args, { ...options, output: file.fd });
}

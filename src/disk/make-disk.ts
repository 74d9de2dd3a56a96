import { chmod, constants, copyFile, open, rename, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { checkDiskHead, checkDiskInfo, readDiskHead } from './check-disk.ts';
import { type DiskErrorCode, DiskError } from './disk-error.ts';
import type { DiskFormat, DiskRecipe } from '../catalog/image.ts';
import { requireSpace } from './disk-files.ts';
import { runProgram } from './run-program.ts';
import type { World } from './world.ts';

/** An unpacked disk; `owned` when it may be used up. */
interface Unpacked {
  readonly file: string;
  readonly owned: boolean;
}

/** Leaked clusters: some space is wasted, and nothing is wrong. */
const LEAKS_ONLY = 3;

/** Written out, so that another version of qemu-img with other defaults makes the same disk. */
const QCOW2_OPTIONS = 'compat=1.1,cluster_size=65536,lazy_refcounts=off,refcount_bits=16';

const Measured = z.object({ required: z.int().nonnegative() });

/**
 * Makes the new file `target` from an unpacked disk: qcow2, enlarged, checked, readable by all, and
 * the same bytes each time. Throws a DiskError.
 */
export async function makeDisk(
  unpacked: Unpacked,
  target: string,
  { source: { format }, enlargeBy }: Pick<DiskRecipe, 'source' | 'enlargeBy'>,
  world: World,
): Promise<void> {
  const { file, owned } = unpacked;
  checkDiskHead(await readDiskHead(file), format);
  // The format is always given: qemu-img would believe the first bytes of a raw disk.
  const info = await qemuImg('WRONG_FORMAT', world, 'info', '-f', format, '--output=json', file);
  checkDiskInfo(info, file);
  if (format !== 'qcow2') await convert(file, target, format, world);
  else if (owned) await rename(file, target);
  else await copy(file, target, world);
  await chmod(target, 0o644);
  if (enlargeBy > 0) {
    const by = `+${String(enlargeBy)}`;
    await qemuImg('CONVERSION_FAILED', world, 'resize', '-q', '-f', 'qcow2', target, by);
  }
  await checkDisk(target, world);
  await chmod(target, 0o444);
  await keepThroughPowerCut(target);
  // The layer of an image has the time, too.
  await utimes(target, 0, 0);
}

/** A file that is renamed before its content is written may be empty after a power cut. */
async function keepThroughPowerCut(file: string): Promise<void> {
  await using handle = await open(file, 'r');
  await handle.datasync();
}

/** Throws a DiskError unless the qcow2 disk is consistent. */
export async function checkDisk(disk: string, { signal }: Pick<World, 'signal'>): Promise<void> {
  const options = { signal, failsWith: 'CONVERSION_FAILED', accept: [LEAKS_ONLY] } as const;
  await runProgram('qemu-img', ['check', '-q', '-f', 'qcow2', disk], options);
}

async function convert(file: string, target: string, format: DiskFormat, world: World) {
  const from = ['-f', format, '-O', 'qcow2'];
  const measure = ['measure', ...from, '--output=json', file];
  const { required } = Measured.parse(
    JSON.parse(await qemuImg('CONVERSION_FAILED', world, ...measure)),
  );
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

/** `failsWith` is the code of its failure; paths are absolute, so that none is taken for a protocol. */
function qemuImg(failsWith: DiskErrorCode, { signal }: World, ...args: readonly string[]) {
  return runProgram('qemu-img', args, { signal, failsWith });
}

/**
 * Writes what is packed in `packed`, with xz, to the new file `target`. Holes stay holes. Throws a
 * DiskError.
 */
export async function unpack(packed: string, target: string, world: World): Promise<void> {
  const options = { signal: world.signal, failsWith: 'UNPACK_FAILED' } as const;
  const listing = await runProgram('xz', ['--robot', '--list', '--', packed], options);
  await requireSpace(dirname(target), unpackedSize(listing), 'unpack it', world);
  await using file = await open(target, 'wx');
  const args = ['--decompress', '--stdout', '--', packed];
  await runProgram('xz', args, { ...options, output: file.fd });
}

/** The fourth column of the totals (xz(1), "ROBOT MODE"). */
function unpackedSize(listing: string): number {
  const size = Number(/^totals(?:\t[^\t]*){3}\t(\d+)/m.exec(listing)?.[1]);
  if (Number.isNaN(size)) {
    throw new DiskError('UNPACK_FAILED', 'xz does not say how large it is', 'use xz 5.2 or later');
  }
  return size;
}

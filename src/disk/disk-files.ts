import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseChecksum, type Checksum, type ChecksumAlgorithm } from '../catalog/image.ts';
import { hasErrorCode } from '../problem.ts';
import { DiskError } from './disk-error.ts';
import type { World } from './world.ts';

const MEBIBYTE = 1024 * 1024;

/** The checksum of a file's content. */
export async function hashFile(
  file: string,
  algorithm: ChecksumAlgorithm,
  signal?: AbortSignal,
): Promise<Checksum | undefined> {
  const hash = createHash(algorithm);
  const content = createReadStream(file, { highWaterMark: MEBIBYTE });
  await pipeline(content, hash, { signal });
  return parseChecksum(`${algorithm}:${hash.digest('hex')}`);
}

const MARK = '.unfinished';

/** Twenty times what a download, the slowest writer, may pause before it is given up. */
const LONGEST_PAUSE_MS = 20 * 60_000;

/** A name beside `path` that no other run has, for what becomes `path` when it is whole. */
export function unfinished(path: string): string {
  return `${path}.${randomUUID()}${MARK}`;
}

/** Removes unfinished files of killed runs from `folder`: those that nobody has written to for so long. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.endsWith(MARK) || Date.now() - (await lastWrite(path)) <= LONGEST_PAUSE_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * Removes files that were used longest ago from `folder`, until the others have `limit` bytes together. A file is
 * used when its time is set. One that was used in the last minutes stays: a run may be reading it.
 */
export async function removeLeastUsed(folder: string, limit: number): Promise<void> {
  let left = limit;
  for (const { path, size, isInUse } of await newestFirst(folder)) {
    left -= size;
    if (left < 0 && !isInUse) await rm(path, { force: true });
  }
}

/** Lets a file go where there is no room, as one that is in use no more. It may have gone. */
export async function endUse(file: string): Promise<void> {
  const used = new Date(Date.now() - LONGEST_PAUSE_MS - 1000);
  await utimes(file, used, used).catch(() => undefined);
}

/** Removes files in the same order, until they had so many bytes together. */
export async function removeBytes(folder: string, bytes: number): Promise<void> {
  let left = bytes;
  for (const { path, size, isInUse } of (await newestFirst(folder)).toReversed()) {
    if (left <= 0 || isInUse) return;
    await rm(path, { force: true });
    left -= size;
  }
}

/** What `removeBytes` can remove of a folder, which may be missing, but for files with these names. */
export async function removableBytes(folder: string, kept: readonly string[]): Promise<number> {
  const files = existsSync(folder) ? await newestFirst(folder) : [];
  return files
    .filter(({ path, isInUse }) => !isInUse && !kept.includes(path))
    .reduce((sum, { size }) => sum + size, 0);
}

/** The whole files of a folder, those that were used last first. */
async function newestFirst(folder: string) {
  const names = (await readdir(folder)).filter((name) => !name.endsWith(MARK));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      // Another run may have removed it.
      const { size = 0, mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {};
      return { path, size, used: mtimeMs, isInUse: Date.now() - mtimeMs <= LONGEST_PAUSE_MS };
    }),
  );
  return files.toSorted((a, b) => b.used - a.used);
}

/** Milliseconds since 1970; of a folder, that of the newest file in it; now for a file that is gone. */
async function lastWrite(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return Date.now();
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = await readdir(path).catch(() => []);
  const times = await Promise.all(inside.map((name) => lastWrite(join(path, name))));
  return Math.max(stats.mtimeMs, ...times);
}

/** What to do about an error of the file system, by its code. */
const FILE_REMEDIES: readonly [codes: readonly string[], remedy: string][] = [
  [
    ['EACCES', 'EPERM', 'EROFS'],
    'let this user write there, or set XDG_CACHE_HOME to another folder',
  ],
  [['EMFILE', 'ENFILE'], 'let this process open more files at a time (ulimit -n)'],
  [['EIO'], 'the disk has an error: see the log of the system'],
];

/** A DiskError for an error of the file system; every other error as it is. */
export function fileFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DiskError || !('syscall' in error))
    return error;
  if (hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) {
    return new DiskError('NO_SPACE', error.message, 'make room on that file system', error);
  }
  const [, remedy] = FILE_REMEDIES.find(([codes]) => hasErrorCode(error, ...codes)) ?? [];
  return new DiskError('NOT_WRITABLE', error.message, remedy ?? 'look at that folder', error);
}

/** What to do where the cache folder lacks space. */
export const MAKE_ROOM =
  'make room there, or set XDG_CACHE_HOME to a folder on a larger file system';

/** Throws `NO_SPACE` when `bytes` more don't fit into the file system of `folder`, also after making room. */
export async function requireSpace(
  folder: string,
  bytes: number,
  purpose: string,
  { freeSpace, makeRoom }: Pick<World, 'freeSpace' | 'makeRoom'>,
): Promise<void> {
  let free = await freeSpace(folder);
  if (bytes > free && makeRoom !== undefined) {
    await makeRoom(bytes - free);
    free = await freeSpace(folder);
  }
  if (bytes <= free) return;
  const [needed, left] = [bytes, free].map((each) => `${Math.ceil(each / MEBIBYTE)} MiB`);
  const problem = `${needed} are needed to ${purpose}, and ${folder} has ${left}`;
  throw new DiskError('NO_SPACE', problem, MAKE_ROOM);
}

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseChecksum, type Checksum, type ChecksumAlgorithm } from '../catalog/image.ts';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskError } from './disk-error.ts';
import type { World } from './world.ts';

const PIECE_BYTES = 1024 * 1024;

/** The checksum of a file's content. */
export async function hashFile(
  file: string,
  algorithm: ChecksumAlgorithm,
  signal?: AbortSignal,
): Promise<Checksum | undefined> {
  const hash = createHash(algorithm);
  const content = createReadStream(file, { highWaterMark: PIECE_BYTES });
  await pipeline(content, hash, signal === undefined ? {} : { signal });
  return parseChecksum(`${algorithm}:${hash.digest('hex')}`);
}

const MARK = '.unfinished';

/** Twenty times what a download, the slowest writer, may pause before it is given up. */
const LONGEST_PAUSE_MS = 20 * 60_000;

/** A name beside `path` that no other run has, for what becomes `path` when it is whole. */
export function unfinished(path: string): string {
  return `${path}.${randomUUID()}${MARK}`;
}

/**
 * Removes what runs that were killed left in `folder`: what is unfinished and was not written to for
 * so long that nobody can be at it.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(MARK));
  for (const name of names) {
    const path = join(folder, name);
    if (Date.now() - (await lastWrite(path)) > LONGEST_PAUSE_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Milliseconds since 1970; of a folder, that of the newest file in it. Now for what is just going. */
async function lastWrite(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return Date.now();
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = await readdir(path).catch(() => []);
  const times = await Promise.all(inside.map((name) => lastWrite(join(path, name))));
  return Math.max(stats.mtimeMs, ...times);
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** A DiskError for what the file system refused; anything else as it is. */
export function fileFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DiskError) return error;
  if (!('syscall' in error) || !('code' in error) || typeof error.code !== 'string') return error;
  return FULL.has(error.code)
    ? new DiskError('NO_SPACE', error.message, 'make room on that file system', error)
    : new DiskError('NOT_WRITABLE', error.message, 'look at the folder and its permissions', error);
}

const MEBIBYTE = 1024 * 1024;

/** Throws `NO_SPACE` when `bytes` more don't fit into the file system of `folder`: before, not half-way. */
export async function requireSpace(
  folder: string,
  bytes: number,
  purpose: string,
  { freeSpace }: Pick<World, 'freeSpace'>,
): Promise<void> {
  const free = await freeSpace(folder);
  if (bytes <= free) return;
  throw new DiskError(
    'NO_SPACE',
    `${mebibytes(bytes)} are needed to ${purpose}, and ${folder} has ${mebibytes(free)}`,
    'make room there, or set XDG_CACHE_HOME to a folder on a larger file system',
  );
}

function mebibytes(bytes: number): string {
  return `${String(Math.ceil(bytes / MEBIBYTE))} MiB`;
}

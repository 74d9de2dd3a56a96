import { DiskError } from './disk-error.ts';
import type { World } from './world.ts';

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

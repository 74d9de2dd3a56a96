import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

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

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { takeLock } from '../toolchain/lock.ts';

/** Writes what has a name to a file that is not there yet. */
export type Write = (name: string, file: string) => Promise<void>;

const POLL_MS = 500;

/**
 * A function that gives the path of what has a name: made today (in UTC) by somebody with the same `folder`,
 * or else made now by `write`. What is older than that is removed. Nothing half made ever has the path, and
 * of several processes one makes it.
 */
export function keptForADay(
  write: Write,
  folder: string,
  now = () => new Date(),
): (name: string) => Promise<string> {
  return async (name) => {
    const day = now().toISOString().slice(0, 'YYYY-MM-DD'.length);
    const file = join(folder, `${name}-${day}`);
    if (existsSync(file)) return file;
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, `${name}.lock`);
    const release = await waitForLock(lock);
    try {
      if (existsSync(file)) return file;
      for (const old of readdirSync(folder)) {
        if (old.startsWith(`${name}-`)) rmSync(join(folder, old), { recursive: true, force: true });
      }
      const unfinished = `${file}.unfinished`;
      await write(name, unfinished);
      renameSync(unfinished, file);
      return file;
    } finally {
      release();
    }
  };
}

async function waitForLock(file: string) {
  for (;;) {
    const taken = takeLock(file);
    if (typeof taken === 'function') return taken;
    await pause(POLL_MS);
  }
}

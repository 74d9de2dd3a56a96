import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordOf, runningProcess } from './pid-file.ts';

/** Gives a lock back; harmless when done twice. */
export type Release = () => void;

/**
 * Takes the lock that the file stands for, or returns the number of the process that holds it.
 * A lock whose holder has ended, however it ended, is free.
 */
export function takeLock(file: string): Release | { readonly heldBy: number } {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(recordOf(process.pid)));
  try {
    for (;;) {
      // A link appears with its content, so that nobody ever reads a lock that is half written.
      if (tryLink(mine, file)) {
        return () => {
          if (runningProcess(file)?.pid === process.pid) rmSync(file, { force: true });
        };
      }
      const holder = runningProcess(file);
      if (holder !== undefined) return { heldBy: holder.pid };
      clearStale(file, `${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Two processes may find the same stale lock; the slower one must not remove the faster one's new lock. */
function clearStale(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (runningProcess(aside) !== undefined) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

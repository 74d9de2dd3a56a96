import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordOf, runningProcess } from './pid-file.ts';
import { hasErrorCode } from '../../src/problem.ts';

/** Gives a lock back; harmless when done twice. */
type Release = () => void;

const POLL_MS = 300;

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
      // A link appears with its content, so that no process reads an incomplete lock.
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

/**
 * Takes the lock once no other process holds it. Calls `onWait` once, with the number of the holder. Returns
 * `undefined` once `stop` is aborted.
 */
export async function waitForLock(
  file: string,
  onWait?: (holder: number) => void,
  stop?: AbortSignal,
): Promise<Release | undefined> {
  for (let tries = 0; stop?.aborted !== true; tries++) {
    const lock = takeLock(file);
    if (typeof lock === 'function') return lock;
    if (tries === 0) onWait?.(lock.heldBy);
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Two processes may find the same stale lock; the slower one must not remove the faster one's new lock. */
function clearStale(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
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
    if (!hasErrorCode(error, 'EEXIST')) throw error;
    return false;
  }
}

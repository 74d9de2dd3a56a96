import { rmSync, statSync } from 'node:fs';
import { GitError } from './run-git.ts';

const PAUSE_MS = 500;

/** What git says when another run is at it, or has just been. */
const BUSY = /\.lock|cannot lock ref|shallow file has changed/;

/** How one run waits for others that write to the same repository. */
export interface Patience {
  /** The file by which git keeps others out. */
  readonly lock: string;
  /** Longer than any run may take: an older lock was left behind by one that was killed. */
  readonly staleAfterMs: number;
  readonly waitMs: number;
}

/**
 * Runs what git refuses while another run has the lock, until that has ended. A lock that nobody can
 * hold any more is removed. Everything else that git refuses is thrown at once.
 */
export function pastLock<Result>(
  { lock, staleAfterMs, waitMs }: Patience,
  run: () => Result,
): Result {
  const end = Date.now() + waitMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof GitError) || !BUSY.test(error.message) || Date.now() > end)
        throw error;
      const age = ageOf(lock);
      if (age !== undefined && age > staleAfterMs) rmSync(lock, { force: true });
      else pause();
    }
  }
}

function ageOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && Date.now() - stats.mtimeMs;
}

/** Without a turn of the event loop: reading sources is synchronous throughout. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

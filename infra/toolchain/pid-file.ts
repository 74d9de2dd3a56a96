import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './process-table.ts';

/** A process as a pid file remembers it. */
export interface RecordedProcess {
  readonly pid: number;
  /** `processIdentity` when the file was written. */
  readonly identity: string;
}

/** The record of a process that runs now. */
export function recordOf(pid: number): RecordedProcess {
  return { pid, identity: processIdentity(pid) ?? 'gone' };
}

/** The process that the file names, if that very process still runs; a damaged file names none. */
export function runningProcess(pidFile: string): RecordedProcess | undefined {
  const recorded = readRecord(pidFile);
  if (recorded === undefined) return undefined;
  return processIdentity(recorded.pid) === recorded.identity ? recorded : undefined;
}

/**
 * Asks the process that the file names to end, waits until it is gone, and removes the file.
 * Never touches another process that has got the same number. Returns whether there was one to end.
 * After `patience` milliseconds the process is killed.
 */
export async function endProcess(pidFile: string, patience = 30_000): Promise<boolean> {
  const recorded = runningProcess(pidFile);
  if (recorded !== undefined) {
    signal(recorded, 'SIGTERM');
    const deadline = Date.now() + patience;
    let killed = false;
    while (processIdentity(recorded.pid) === recorded.identity) {
      if (!killed && Date.now() > deadline) {
        signal(recorded, 'SIGKILL');
        killed = true;
      }
      await sleep(50);
    }
  }
  rmSync(pidFile, { force: true });
  return recorded !== undefined;
}

function signal({ pid }: RecordedProcess, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone between the look and the signal: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecord(pidFile: string): RecordedProcess | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(pidFile, 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RecordedProcess {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, identity } = value as Partial<RecordedProcess>;
  return Number.isSafeInteger(pid) && typeof identity === 'string';
}

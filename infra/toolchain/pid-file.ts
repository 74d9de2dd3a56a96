import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hasErrorCode } from '../../src/problem.ts';

/** A process in a pid file. The identity is that of `findProcess` when the file was written. */
const RecordedProcess = z.object({ pid: z.int(), identity: z.string() });
type RecordedProcess = z.infer<typeof RecordedProcess>;

/** The record of a process that runs now. */
export function recordOf(pid: number): RecordedProcess {
  return { pid, identity: processIdentity(pid) ?? 'gone' };
}

/** The process that the file names, if that very process still runs; a damaged file names none. */
export function runningProcess(pidFile: string): RecordedProcess | undefined {
  try {
    const recorded = RecordedProcess.parse(JSON.parse(readFileSync(pidFile, 'utf8')));
    return processIdentity(recorded.pid) === recorded.identity ? recorded : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends the process that the file names, and no other one that got its number; kills it after `patience`
 * milliseconds. Removes the file once the process has ended. Returns whether there was one.
 */
export async function endProcess(pidFile: string, patience = 30_000): Promise<boolean> {
  const recorded = runningProcess(pidFile);
  if (recorded !== undefined) {
    signal(recorded, 'SIGTERM');
    const deadline = Date.now() + patience;
    while (processIdentity(recorded.pid) === recorded.identity) {
      if (Date.now() > deadline) signal(recorded, 'SIGKILL');
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
    // The process has ended since the last look.
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

interface ProcessEntry {
  /** The program's file name, such as `pulumi`. */
  readonly name: string;
  readonly parent: number;
  /** When the process started: differs from that of a process with the same number later, also after a reboot. */
  readonly identity: string;
}

/** The process of that number; `undefined` when none runs. A zombie counts as gone. */
export function findProcess(pid: number): ProcessEntry | undefined {
  try {
    return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

export function processIdentity(pid: number): string | undefined {
  return findProcess(pid)?.identity;
}

/** proc_pid_stat(5): field 2 is the name, 3 the state, 4 the parent, 22 the start in clock ticks since boot. */
function fromProc(pid: number): ProcessEntry | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name is in parentheses, and may hold blanks and parentheses itself.
  const end = stat.lastIndexOf(')');
  const [state = '', parent = '', ...more] = stat.slice(end + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(parent),
    identity: `${boot}:${more[17] ?? ''}`,
  };
}

function fromPs(pid: number): ProcessEntry | undefined {
  // The name comes last, since it may hold blanks; `lstart` has five words.
  const line = execFileSync('ps', ['-o', 'stat=,ppid=,lstart=,comm=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [state = '', parent = '', ...more] = line.trim().split(/\s+/);
  if (state === '' || state.startsWith('Z')) return undefined;
  return {
    name: basename(more.slice(5).join(' ')),
    parent: Number(parent),
    identity: more.slice(0, 5).join(' '),
  };
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What the system knows of a process. */
export interface ProcessEntry {
  /** The program's file name, such as `pulumi`. */
  readonly name: string;
  readonly parent: number;
  /** What tells it from another that gets the same number later (also after a reboot): when it started. */
  readonly identity: string;
}

/**
 * The process of that number; `undefined` when none runs. One that has ended but that its parent has not
 * collected yet (a zombie) counts as gone.
 */
export function findProcess(pid: number): ProcessEntry | undefined {
  try {
    return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/** Its identity alone. */
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

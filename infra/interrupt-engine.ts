import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

let isInterrupting = false;

/**
 * Ends the engine as Ctrl-C does: it writes down how far it got, and takes its lock away. A process of its
 * own does it, since this one ends with the first interrupt.
 */
export function interruptEngine(): void {
  const engine = engineProcess();
  if (engine === undefined || isInterrupting) return;
  isInterrupting = true;
  const script = join(import.meta.dirname, 'interrupt-process.ts');
  spawn(process.execPath, [script, String(engine)], { detached: true, stdio: 'ignore' }).unref();
}

/** The engine starts the language host, and that starts this program. `undefined` where it was started otherwise. */
function engineProcess(): number | undefined {
  const engine = parentOf(process.ppid);
  return engine !== undefined && nameOf(engine) === 'pulumi' ? engine : undefined;
}

function parentOf(pid: number): number | undefined {
  const parent = Number(ask(pid, 'ppid'));
  return Number.isInteger(parent) && parent > 1 ? parent : undefined;
}

function nameOf(pid: number): string | undefined {
  const name = ask(pid, 'comm');
  return name === undefined ? undefined : basename(name);
}

function ask(pid: number, what: 'ppid' | 'comm'): string | undefined {
  try {
    if (existsSync('/proc/self/stat')) return fromProc(pid, what);
    return execFileSync('ps', ['-o', `${what}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** proc_pid_stat(5): field 2 is the name in parentheses, which may hold some itself; field 4 the parent. */
function fromProc(pid: number, what: 'ppid' | 'comm'): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const end = stat.lastIndexOf(')');
  return what === 'comm'
    ? stat.slice(stat.indexOf('(') + 1, end)
    : stat.slice(end + 2).split(' ')[1];
}

import { spawn } from 'node:child_process';

export interface ScriptOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes all that it says: a file descriptor. */
  readonly log: number;
  /** Asks it to end, or not to begin. */
  readonly stop: AbortSignal;
}

/** How long what was asked to end may take before it is killed, in milliseconds; less than `endProcess` waits. */
const PATIENCE = 20_000;

/** Runs a command to its end and returns its exit code; 1 when it was killed, or never begun. */
export async function runScript(
  [command = '', ...args]: readonly string[],
  { cwd, env, log, stop }: ScriptOptions,
): Promise<number> {
  // What came before took a while, and a signal that was given is not given again.
  if (stop.aborted) return 1;
  // A group of its own: what it starts is told to end as well.
  const options = { cwd, env, detached: true };
  const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
  const signal = (name: NodeJS.Signals) =>
    child.pid !== undefined && process.kill(-child.pid, name);
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    signal('SIGTERM');
    killing = setTimeout(signal, PATIENCE, 'SIGKILL');
  };
  stop.addEventListener('abort', end);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    clearTimeout(killing);
    stop.removeEventListener('abort', end);
  }
}

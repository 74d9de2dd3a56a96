import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Arguments of the `docker` command, and its variables beside this process's own. */
export interface DockerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface DockerResult {
  readonly code: number;
  /** The last lines of standard output and error, in the order in which they came. */
  readonly lines: readonly string[];
}

/**
 * Runs the `docker` command (`DOCKER_CLI`, or the one on PATH) to its end. Rejects only when the command
 * can't be started or `signal` stops it.
 */
export type RunDocker = (
  command: DockerCommand,
  options: { readonly signal: AbortSignal; readonly onLine?: (line: string) => void },
) => Promise<DockerResult>;

/** Whether a line is BuildKit's name for a step, alone, before or after the line with the step's text. */
export function isStepName(line: string): boolean {
  return /^#\d+ sha256:[a-f0-9]{64}$/.test(line);
}

const KEPT_LINES = 200;

/** An interrupted `docker` needs some time to have the daemon stop the build. */
const GRACE_MS = 2000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The command stays in this process's group: the engine kills the group, and so ends builds too. */
export const runDocker: RunDocker = async ({ args, env }, { signal, onLine }) => {
  signal.throwIfAborted();
  const child = spawn(process.env['DOCKER_CLI'] ?? 'docker', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
      if (line.trim() === '') return;
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  try {
    const [code] = (await once(child, 'close').catch((cause: unknown) => {
      throw new Error(`the docker command could not be started: ${String(cause)}`, { cause });
    })) as [number | null];
    signal.throwIfAborted();
    return { code: code ?? -1, lines };
  } finally {
    signal.removeEventListener('abort', stop);
    running.delete(child);
  }
};

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A call of the `docker` command: its arguments, and what its environment has beside this process's. */
export interface DockerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface DockerResult {
  readonly code: number;
  /** The last lines of standard output and error, in the order in which they came. */
  readonly lines: readonly string[];
}

/** Runs the `docker` command (`DOCKER_CLI`, or the one on PATH) to its end; rejects only when it can't be started or `signal` stops it. */
export type RunDocker = (
  command: DockerCommand,
  options: { readonly signal: AbortSignal; readonly onLine?: (line: string) => void },
) => Promise<DockerResult>;

const KEPT_LINES = 200;
/** How long an interrupted `docker` may take to tell the daemon; the daemon stops the build then. */
const GRACE_MS = 2000;

const running = new Set<ChildProcess>();

/** Stays in this process's group, so that whoever kills the group (the engine does) ends builds too. */
export const runDocker: RunDocker = async ({ args, env }, { signal, onLine }) => {
  signal.throwIfAborted();
  const child = spawn(process.env['DOCKER_CLI'] ?? 'docker', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  stopAtExit(child);
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await finished(child, onLine);
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
    running.delete(child);
  }
};

async function finished(
  child: ChildProcess,
  onLine: ((line: string) => void) | undefined,
): Promise<DockerResult> {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      if (line.trim() === '') return;
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      reject(new Error(`the docker command could not be started: ${error.message}`));
    });
    child.once('close', (exitCode) => {
      resolve(exitCode ?? -1);
    });
  });
  return { code, lines };
}

function stopAtExit(child: ChildProcess): void {
  if (running.size === 0 && !process.listeners('exit').includes(killRunning)) {
    process.on('exit', killRunning);
  }
  running.add(child);
}

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

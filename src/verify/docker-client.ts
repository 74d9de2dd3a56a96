import { spawn } from 'node:child_process';
import process from 'node:process';
import type { Docker } from './docker.ts';
import { lastLines } from './last-lines.ts';
import { VerifyError } from './verify-error.ts';

/** What a signal ends. The others are waited for, so that whatever they start can be removed. */
const ENDED_EARLY = ['pull', 'exec'];

/** Seconds after which an engine that gives no answer is taken for one that never will. */
export const PATIENCE = {
  /** As large an image as there is, by a slow line. */
  pull: 3600,
  /** Whoever asks it knows best how long that may take. */
  exec: Infinity,
  others: 300,
};

/**
 * The Docker client: `$DOCKER_CLI`, or `docker` on PATH. Rejects with a VerifyError when it is missing,
 * fails, or gives no answer; `signal` ends a pull, and what is asked of a container, with its reason.
 */
export function dockerClient(
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
  patience = PATIENCE,
): Docker {
  return async (...args) => {
    const [command = ''] = args;
    const seconds = command === 'pull' || command === 'exec' ? patience[command] : patience.others;
    const limit = Number.isFinite(seconds) ? [AbortSignal.timeout(seconds * 1000)] : [];
    const stop = ENDED_EARLY.includes(command) ? [signal] : [];
    try {
      return await run(args, env, AbortSignal.any([...stop, ...limit]));
    } catch (error) {
      if (limit[0]?.aborted !== true || stop[0]?.aborted === true) throw error;
      throw noAnswer(command, seconds);
    }
  };
}

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(env['DOCKER_CLI'] ?? 'docker', args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  signal.throwIfAborted();
  if (failure !== undefined) throw notStarted(failure);
  if (code === 0) return stdout.join('');
  throw new VerifyError(
    'DOCKER_FAILED',
    `docker ${args[0] ?? ''}: ${lastLines(stderr.join(''), 3).join(' ')}`,
    'check that the Docker Engine runs, and is logged in to the registry',
  );
}

function noAnswer(command: string, seconds: number): VerifyError {
  return new VerifyError(
    'DOCKER_FAILED',
    `docker ${command} did not end within ${seconds} seconds`,
    'look at the Docker Engine: it may need a restart, and a container may be left in it',
  );
}

function notStarted({ message }: Error): VerifyError {
  return new VerifyError(
    'MISSING_PROGRAM',
    `the Docker client can’t be started: ${message}`,
    'install it: apt-get install docker.io',
  );
}

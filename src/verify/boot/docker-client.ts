import { spawn } from 'node:child_process';
import process from 'node:process';
import type { Docker } from './docker.ts';
import { lastLines } from '../last-lines.ts';
import { VerifyError } from '../verify-error.ts';

/** What may take long. The others are waited for, so that whatever they start can be removed. */
const ENDED_EARLY = ['pull', 'exec'];

/**
 * The Docker client: `$DOCKER_CLI`, or `docker` on PATH. Rejects with a VerifyError when it is missing
 * or fails; `signal` ends a pull, and what is asked of a container, with its reason.
 */
export function dockerClient(signal: AbortSignal, env: NodeJS.ProcessEnv = process.env): Docker {
  return (...args) => {
    const [command = ''] = args;
    return run(args, env, ENDED_EARLY.includes(command) ? signal : undefined);
  };
}

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<string> {
  signal?.throwIfAborted();
  const child = spawn(env['DOCKER_CLI'] ?? 'docker', args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal !== undefined && { signal }),
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
  signal?.throwIfAborted();
  if (failure !== undefined) throw notStarted(failure);
  if (code === 0) return stdout.join('');
  throw new VerifyError(
    'DOCKER_FAILED',
    `docker ${args[0] ?? ''}: ${lastLines(stderr.join(''), 3).join(' ')}`,
    'check that the Docker Engine runs, and is logged in to the registry',
  );
}

function notStarted({ message }: Error): VerifyError {
  return new VerifyError(
    'MISSING_PROGRAM',
    `the Docker client can’t be started: ${message}`,
    'install it: apt-get install docker.io',
  );
}

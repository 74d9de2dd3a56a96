import type { SpawnOptions } from 'node:child_process';
import process from 'node:process';
import { runToEnd } from '../disk/run-program.ts';
import { lastLines, VerifyError } from './verify-error.ts';

/** Commands that a signal ends. The others run to their end, so that their containers can be removed. */
const ENDED_EARLY = ['pull', 'exec'];

/** Seconds after which a command is given up. */
export const PATIENCE = {
  /** As large an image as there is, by a slow line. */
  pull: 3600,
  /** Callers set a limit of their own. */
  exec: Infinity,
  others: 300,
};

/**
 * The Docker client: `$DOCKER_CLI`, or `docker` on PATH. Rejects with a VerifyError when it is missing,
 * fails, or takes too long. `signal` ends a pull, and a command in a container, with its reason.
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
      throw tookTooLong(command, seconds);
    }
  };
}

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const options: SpawnOptions = { env, stdio: ['ignore', 'pipe', 'pipe'], signal };
  const program = env['DOCKER_CLI'] ?? 'docker';
  const { code, stdout, stderr, failure } = await runToEnd(program, args, options);
  if (failure !== undefined) throw notStarted(failure);
  if (code === 0) return stdout;
  throw new VerifyError(
    'DOCKER_FAILED',
    `docker ${args[0] ?? ''}: ${lastLines(stderr, 3).join(' ')}`,
    'check that the Docker Engine runs, and is logged in to the registry',
  );
}

function tookTooLong(command: string, seconds: number): VerifyError {
  return new VerifyError(
    'DOCKER_FAILED',
    `docker ${command} did not end within ${seconds} seconds`,
    'look at the Docker Engine: it may need a restart, and a container may be left in it',
  );
}

function notStarted({ message }: Error): VerifyError {
  return new VerifyError(
    'MISSING_PROGRAM',
    `the Docker client can't be started: ${message}`,
    'install it: apt-get install docker.io',
  );
}

/** Runs the Docker client with these arguments and returns what it printed; rejects when it fails. */
export type Docker = (...args: readonly string[]) => Promise<string>;

/** The folders that systemd writes to, in memory as on any machine. */
const IN_MEMORY = ['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', path]);

/** systemd reports its progress on a console only. */
const CONSOLE = ['--tty', '--env', 'NO_COLOR=1'];

/** As CI starts its nodes; the cgroups that systemd makes are below the container's own. */
const PRIVILEGED = ['--privileged', '--cgroupns', 'private', ...IN_MEMORY, ...CONSOLE];

/** What systemd needs of it: to mount, and a network of its own to set up. */
const WITH_CAPABILITIES = [
  '--cap-add=SYS_ADMIN',
  '--cap-add=NET_ADMIN',
  '--security-opt=seccomp=unconfined',
  '--cgroupns=private',
  ...IN_MEMORY,
  ...CONSOLE,
];

/**
 * Starts a container of an image that boots systemd, by the image's own command, and returns its id.
 * Rejects as Docker does, and leaves no container behind then.
 */
export async function startNode(docker: Docker, image: string): Promise<string> {
  try {
    return await start(docker, image, PRIVILEGED);
  } catch (error) {
    // A machine that lacks one capability itself can't give all of them away.
    if (!String(error).includes('unable to apply caps')) throw error;
    return start(docker, image, WITH_CAPABILITIES);
  }
}

async function start(docker: Docker, image: string, options: readonly string[]): Promise<string> {
  const container = (await docker('create', ...options, image)).trim();
  try {
    await docker('start', container);
    return container;
  } catch (error) {
    await removeNode(docker, container);
    throw error;
  }
}

/** Ends and removes a container, be it running or not. */
export async function removeNode(docker: Docker, container: string): Promise<void> {
  await docker('rm', '--force', '--volumes', container);
}

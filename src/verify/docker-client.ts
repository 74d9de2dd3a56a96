import process from 'node:process';
import { runToEnd } from '../disk/run-program.ts';
import { lastLines, VerifyError } from './verify-error.ts';

/** Seconds after which a command is given up. */
export const PATIENCE = {
  /** As large an image as there is, by a slow line. */
  pull: 3600,
  /** A week: callers set a limit of their own. */
  exec: 604_800,
  others: 300,
};

/**
 * The Docker client: `$DOCKER_CLI`, or `docker` on PATH. Rejects with a VerifyError when it is missing,
 * fails, or takes too long. `signal` ends a pull, and a command in a container, with its reason. All
 * others run to their end, so that their containers can be removed.
 */
export function dockerClient(
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
  patience = PATIENCE,
): Docker {
  return async (...args) => {
    const [command = ''] = args;
    const endsEarly = command === 'pull' || command === 'exec';
    const seconds = endsEarly ? patience[command] : patience.others;
    const limit = AbortSignal.timeout(seconds * 1000);
    try {
      return await run(args, env, endsEarly ? AbortSignal.any([signal, limit]) : limit);
    } catch (error) {
      if (!limit.aborted || (endsEarly && signal.aborted)) throw error;
      const problem = `docker ${command} did not end within ${seconds} seconds`;
      const remedy =
        'look at the Docker Engine: it may need a restart, and a container may be left in it';
      throw new VerifyError('DOCKER_FAILED', problem, remedy);
    }
  };
}

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const program = env['DOCKER_CLI'] ?? 'docker';
  const { code, stdout, stderr, failure } = await runToEnd(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  if (failure !== undefined) {
    const problem = `the Docker client can't be started: ${failure.message}`;
    throw new VerifyError('MISSING_PROGRAM', problem, 'install it: apt-get install docker.io');
  }
  if (code === 0) return stdout;
  const problem = `docker ${args[0] ?? ''}: ${lastLines(stderr, 3).join(' ')}`;
  const remedy = 'check that the Docker Engine runs, and is logged in to the registry';
  throw new VerifyError('DOCKER_FAILED', problem, remedy);
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

export async function isRunning(docker: Docker, container: string): Promise<boolean> {
  const state = await docker('inspect', '--format', '{{.State.Running}}', container);
  return state.trim() === 'true';
}

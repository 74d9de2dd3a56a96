import { withDockerAddress } from '../docker-address.ts';
import { hasErrorCode } from '../problem.ts';
import { runToEnd } from '../disk/run-program.ts';
import { dockerRemedy } from './docker-remedies.ts';
import { lastLines, VerifyError } from './verify-error.ts';

/** Seconds after which a command is given up. */
export const PATIENCE = {
  /** Enough for the largest image on a slow line. */
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
    // A pipeline may have set the address aside, for its builders.
    env: withDockerAddress(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  if (failure !== undefined) {
    const problem = `the Docker client can't be started: ${failure.message}`;
    const isMissing = hasErrorCode(failure, 'ENOENT');
    const install = 'install it (apt-get install docker.io), or correct DOCKER_CLI';
    const remedy = isMissing ? install : 'give this user the right to run it';
    throw new VerifyError('MISSING_PROGRAM', problem, remedy);
  }
  if (code === 0) return stdout;
  const said = lastLines(stderr, 3).join(' ') || `it ended with code ${code}`;
  const problem = `docker ${args[0] ?? ''}: ${said}`;
  throw new VerifyError('DOCKER_FAILED', problem, dockerRemedy(stderr));
}

/** Runs the Docker client with these arguments and returns what it printed; rejects when it fails. */
export type Docker = (...args: readonly string[]) => Promise<string>;

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
  throw new VerifyError('DOCKER_FAILED', problem, dockerRemedy(stderr));
}

/** What to do about a failure, by what the Docker client prints for this cause only; the first match counts. */
const REMEDIES: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  {
    sign: /permission denied while trying to connect/i,
    remedy: 'give this user access to the socket of the Docker Engine (the group docker)',
  },
  {
    sign: /Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect/i,
    remedy: 'start the Docker Engine, or correct DOCKER_HOST',
  },
  {
    sign: /client version .* is too|API version/i,
    remedy: 'put a client that this engine takes on PATH, or unset DOCKER_API_VERSION',
  },
  { sign: /no space left on device/i, remedy: 'make room on the disk of the Docker Engine' },
  {
    sign: /toomanyrequests|429 Too Many Requests/i,
    remedy: 'the registry limits the rate: try again later',
  },
  {
    sign: /x509:|certificate/i,
    remedy: "give the Docker Engine the certificate of the registry's authority (certs.d)",
  },
  {
    sign: /no such host|i\/o timeout|connection refused|Client\.Timeout|TLS handshake timeout/i,
    remedy: 'let the Docker Engine reach the registry: see its DNS, proxy and firewall',
  },
  {
    sign: /no matching manifest for|does not match the specified platform/i,
    remedy: 'name a platform that the image has',
  },
  {
    // The containerd image store says of a tag and of a repository only that it is not found.
    sign: /manifest unknown|name unknown|manifest for .* not found|failed to resolve reference .*: not found$/im,
    remedy: 'publish the image with pulumi up',
  },
  {
    sign: /unexpected (?:HTTP )?status\b.*: 5\d\d /i,
    remedy: 'the registry has a failure of its own: try again later',
  },
  {
    sign: /denied|unauthorized|no basic auth credentials|403 Forbidden|HTTP 40[13]/i,
    remedy: 'log in to the registry with `gcloud auth configure-docker` or `docker login`',
  },
];

/** The remedy for a failed command of the Docker client, by its error output. */
export function dockerRemedy(stderr: string): string {
  const found = REMEDIES.find(({ sign }) => sign.test(stderr));
  return found?.remedy ?? 'mend what Docker says there, then run this again';
}

/** Runs the Docker client with these arguments and returns what it printed; rejects when it fails. */
export type Docker = (...args: readonly string[]) => Promise<string>;

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Bytes: an engine that has built for long lists thousands of records. */
const LARGEST = 256 * 1024 ** 2;

/** The Docker client that tests start: `$DOCKER_CLI`, or `docker` from PATH. */
export function dockerCli(): string {
  return env['DOCKER_CLI'] ?? 'docker';
}

/** The environment in which that client builds with BuildKit; `DOCKER_HOST` is passed on as it is. */
export function dockerEnvironment(): NodeJS.ProcessEnv {
  return { ...env, DOCKER_BUILDKIT: '1' };
}

/** Runs the client and returns what it printed; the event loop goes on meanwhile. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(dockerCli(), args, {
    env: dockerEnvironment(),
    maxBuffer: LARGEST,
  });
  return stdout;
}

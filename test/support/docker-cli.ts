import { env } from 'node:process';

/** The Docker client that tests start: `$DOCKER_CLI`, or `docker` from PATH. */
export function dockerCli(): string {
  return env['DOCKER_CLI'] ?? 'docker';
}

/** The environment in which that client builds with BuildKit; `DOCKER_HOST` is passed on as it is. */
export function dockerEnvironment(): NodeJS.ProcessEnv {
  return { ...env, DOCKER_BUILDKIT: '1' };
}

import { createRequire } from 'node:module';
import type { Plugin, CheckFailure, Properties } from '../../../oci/protocol/resource-type.ts';
import { imageResource } from './image-resource.ts';
import type { RunDocker } from './run-docker.ts';
import { textAt } from './property-path.ts';

/**
 * Stands in for the official `docker` plug-in where that can't be downloaded: `docker.Image` only,
 * built and pushed by the real Docker Engine through the `docker` command. The program can't tell
 * which of the two it has.
 */
export function createDockerStandIn(run: RunDocker): Plugin {
  let daemon: Readonly<Record<string, string>> = {};
  return {
    name: 'docker',
    version: officialVersion(),
    checkConfig: checkDaemonSettings,
    async configure(settings) {
      daemon = daemonVariables(settings);
      const unchecked = settings['disableDockerDaemonCheck'];
      if (unchecked !== true && unchecked !== 'true') await pingDaemon(run, daemon);
    },
    resources: { 'docker:index/image:Image': imageResource(run, () => daemon) },
  };
}

/** The version of the SDK that the program is written against, whose contract is kept here. */
function officialVersion(): string {
  const { version } = createRequire(import.meta.url)('@pulumi/docker/package.json') as {
    version: string;
  };
  return version;
}

/** Provider settings → the variables by which the `docker` command takes them. */
const VARIABLES = {
  host: 'DOCKER_HOST',
  context: 'DOCKER_CONTEXT',
  certPath: 'DOCKER_CERT_PATH',
} as const;

const UNSUPPORTED = ['caMaterial', 'certMaterial', 'keyMaterial', 'registryAuth', 'sshOpts'];
const ANSWER_MS = 20_000;

/** Settings of the official plug-in that the stand-in would have to ignore. */
function checkDaemonSettings(news: Properties): readonly CheckFailure[] {
  return UNSUPPORTED.filter((name) => news[name] !== undefined && news[name] !== null).map(
    (property) => ({
      property,
      reason: `the sandbox's stand-in for the docker plug-in does not have docker:${property}`,
    }),
  );
}

/** The variables that lead the `docker` command to the daemon of the provider's settings. */
function daemonVariables(settings: Properties): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [setting, variable] of Object.entries(VARIABLES)) {
    const value = textAt(settings, setting);
    if (typeof value === 'string' && value !== '') found[variable] = value;
  }
  if ('DOCKER_CERT_PATH' in found) found['DOCKER_TLS_VERIFY'] = '1';
  return found;
}

/** Throws, with what to do, unless a Docker daemon answers: previews need one as well. */
async function pingDaemon(run: RunDocker, env: Readonly<Record<string, string>>): Promise<void> {
  const args = ['version', '--format', '{{.Server.Version}}'];
  const { code, lines } = await run({ args, env }, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (code === 0) return;
  throw new Error(
    `no Docker daemon answers: ${lines.at(-1)?.trim() ?? 'no output'}\n` +
      'Start Docker, or set docker:host (or DOCKER_HOST) to where it listens.',
  );
}

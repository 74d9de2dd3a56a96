import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import type { Plugin, Properties } from '../../../oci/protocol/resource-type.ts';
import { imageResource } from './image-resource.ts';
import type { RunDocker } from './run-docker.ts';

/** Settings of the official plug-in for the daemon and for logins. The stand-in has `host` only. */
const UNSUPPORTED = [
  'caMaterial',
  'certMaterial',
  'certPath',
  'context',
  'keyMaterial',
  'registryAuth',
  'sshOpts',
];

const RESPONSE_MS = 20_000;

/**
 * Stands in for the official `docker` plug-in where that can't be downloaded: `docker.Image` only, as
 * the program uses it, built and pushed by the real Docker Engine through the `docker` command.
 */
export function createDockerStandIn(run: RunDocker): Plugin {
  let daemon: Readonly<Record<string, string>> = {};
  return {
    name: 'docker',
    // The version of the SDK that the program is written against.
    version: dockerPackage.version,
    checkConfig: (news) =>
      UNSUPPORTED.filter((name) => (news[name] ?? undefined) !== undefined).map((property) => ({
        property,
        reason: `the sandbox's stand-in for the docker plug-in does not have docker:${property}`,
      })),
    async configure(settings) {
      daemon = daemonVariables(settings);
      await pingDaemon(run, daemon);
    },
    resources: { 'docker:index/image:Image': imageResource(run, () => daemon) },
  };
}

/** The variables that lead the `docker` command to the daemon of the provider's settings. */
function daemonVariables({ host }: Properties): Readonly<Record<string, string>> {
  return typeof host === 'string' && host !== '' ? { DOCKER_HOST: host } : {};
}

/** Throws, with what to do, unless a Docker daemon responds: previews need one as well. */
async function pingDaemon(run: RunDocker, env: Readonly<Record<string, string>>): Promise<void> {
  const args = ['version', '--format', '{{.Server.Version}}'];
  const { code, lines } = await run({ args, env }, { signal: AbortSignal.timeout(RESPONSE_MS) });
  if (code === 0) return;
  throw new Error(
    `no Docker daemon responds: ${lines.at(-1)?.trim() ?? 'no output'}\n` +
      'Start Docker, or set docker:host (or DOCKER_HOST) to where it listens.',
  );
}

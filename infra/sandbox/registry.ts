import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DockerEngine } from '../toolchain/docker-engine.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import { isServing } from '../toolchain/probe.ts';
import { canInstallPackages, findCommand, installDebianPackages } from '../toolchain/programs.ts';
import { runCommand, tryCommand } from '../toolchain/run-command.ts';
import { startService, type StartedService } from './background-service.ts';

/** The registry's image on Docker Hub, for all platforms, for a machine without a registry program. */
const REGISTRY_IMAGE =
  'docker.io/library/registry:2.8.3@sha256:a3d8aaa63ed8681a604f1dea0aa03f100d5895b6a58ace528858a7b332415373';

/**
 * The registry whose storage is in `folder`: running already, or started now, as a program of this
 * machine (installed first where it can be) or else as a container. Listens on 127.0.0.1 only.
 */
export async function startRegistry(
  folder: string,
  docker: DockerEngine,
  note: (line: string) => void,
): Promise<StartedService> {
  return startService({
    name: 'registry',
    folder,
    // It depends on no code of this project.
    origin: `${REGISTRY_IMAGE}\n`,
    // From the usual port of a local registry on. It is part of every image reference.
    port: { first: 5000, owner: 'its registry', consequence: 'which publishes every image anew' },
    path: '/v2/',
    async commandAt(port) {
      const storage = join(folder, 'storage');
      mkdirSync(storage, { recursive: true });
      const command = await findRegistryProgram(note);
      if (command === undefined) return containerCommand(storage, port, docker, note);
      const configuration = join(folder, 'config.yml');
      writeFileSync(configuration, registryConfiguration(storage, port));
      return { command, args: ['serve', configuration] };
    },
    isReady: isRegistry,
  });
}

/** Whether a registry responds at `127.0.0.1:<port>`. */
export async function isRegistry(port: number): Promise<boolean> {
  return isServing(port, '/v2/');
}

/** `docker-registry` is Debian's name for it, `registry` the project's own. */
async function findRegistryProgram(note: (line: string) => void): Promise<string | undefined> {
  const found = findCommand('docker-registry') ?? findCommand('registry');
  if (found !== undefined || !canInstallPackages()) return found;
  await installDebianPackages(['docker-registry'], note);
  return findCommand('docker-registry');
}

/** The command of a container that ends, and is removed, with its `docker run`. Provides the image first. */
async function containerCommand(
  storage: string,
  port: number,
  { cli, host }: DockerEngine,
  note: (line: string) => void,
) {
  const docker = ['--host', host];
  // One per sandbox, so that two checkouts don't end each other's registry.
  const place = createHash('sha256').update(storage).digest('hex').slice(0, 12);
  const name = `kubernetes-ci-images-registry-${place}`;
  note(`running ${REGISTRY_IMAGE} as the container ${name}`);
  const known = await tryCommand(cli, [...docker, 'image', 'inspect', REGISTRY_IMAGE]);
  try {
    if (known === undefined) await runCommand(cli, [...docker, 'pull', REGISTRY_IMAGE]);
  } catch (cause) {
    throw new PrerequisiteError(
      'no registry program on this machine, and no registry container could be run',
      'install docker-registry (Debian, Ubuntu) or make Docker Hub reachable for the Docker Engine',
      { cause },
    );
  }
  // A `docker run` that was killed leaves its container.
  await tryCommand(cli, [...docker, 'rm', '--force', name]);
  const options = ['--rm', '--name', name, '--publish', `127.0.0.1:${port}:5000`];
  const data = ['--volume', `${storage}:/var/lib/registry`];
  const deletion = ['--env', 'REGISTRY_STORAGE_DELETE_ENABLED=true'];
  return {
    command: cli,
    args: [...docker, 'run', ...options, ...data, ...deletion, REGISTRY_IMAGE],
  };
}

/**
 * Settings for the `distribution` registry: files in a folder, deletion allowed, this machine only.
 * No blob cache: it would still have a manifest that was just deleted.
 */
function registryConfiguration(storage: string, port: number): string {
  return stringify({
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}` },
  });
}

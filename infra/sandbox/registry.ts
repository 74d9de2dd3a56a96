import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { canInstallPackages, installDebianPackages, findCommand } from '../toolchain/programs.ts';
import type { DockerEngine } from '../toolchain/docker-engine.ts';
import { endProcess, runningProcess } from '../toolchain/pid-file.ts';
import { isServing } from '../toolchain/probe.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { StartedService } from './background-service.ts';
import { chooseRememberedPort, rememberedPort, type RememberedPort } from './remembered-port.ts';
import { runCommand, tryCommand } from '../toolchain/run-command.ts';
import { endLater, startInBackground } from '../toolchain/start-in-background.ts';
import { stringify } from 'yaml';

/** The registry's image on Docker Hub, for a machine without a registry program. */
const REGISTRY_IMAGE = 'docker.io/library/registry:2';

/**
 * The registry whose storage is in `folder`: running already, or started now, as a program of this
 * machine (installed first where it can be) or else as a container. Listens on 127.0.0.1 only.
 */
export async function startRegistry(
  folder: string,
  docker: DockerEngine,
  note: (line: string) => void,
): Promise<StartedService> {
  const known = rememberedPort(registryPort(folder).file);
  if (known !== undefined && (await isOwnRunning(folder, docker)) && (await isRegistry(known))) {
    return { address: `127.0.0.1:${known}`, started: false };
  }
  await endRegistry(folder, docker);
  mkdirSync(join(folder, 'storage'), { recursive: true });
  const program = await findRegistryProgram(note);
  const port = await chooseRememberedPort(registryPort(folder));
  if (program === undefined) await startContainer(folder, docker, port, note);
  else await startProgram(folder, program, port);
  return { address: `127.0.0.1:${port}`, started: true };
}

/** Ends the registry that was started for `folder`; its storage stays. Returns whether there was one. */
export async function endRegistry(
  folder: string,
  docker: Pick<DockerEngine, 'cli' | 'host'> | undefined,
): Promise<boolean> {
  const program = await endProcess(pidFile(folder));
  if (docker === undefined) return program;
  const found = await tryCommand(
    docker.cli,
    ['ps', '--all', '--quiet', '--filter', `name=^${containerName(folder)}$`],
    { env: environment(docker) },
  );
  if (found === undefined || found === '') return program;
  await runCommand(docker.cli, ['rm', '--force', containerName(folder)], {
    env: environment(docker),
  });
  return true;
}

/** Whether a registry responds at `127.0.0.1:<port>`. */
export async function isRegistry(port: number): Promise<boolean> {
  return isServing(port, '/v2/');
}

async function isOwnRunning(folder: string, docker: DockerEngine): Promise<boolean> {
  if (runningProcess(pidFile(folder)) !== undefined) return true;
  const format = '{{.State.Running}}';
  const running = await tryCommand(
    docker.cli,
    ['container', 'inspect', '--format', format, containerName(folder)],
    { env: environment(docker) },
  );
  return running === 'true';
}

/** `docker-registry` is Debian's name for it, `registry` the project's own. */
async function findRegistryProgram(note: (line: string) => void): Promise<string | undefined> {
  const found = findCommand('docker-registry') ?? findCommand('registry');
  if (found !== undefined || !canInstallPackages()) return found;
  await installDebianPackages(['docker-registry'], note);
  return findCommand('docker-registry');
}

async function startProgram(folder: string, program: string, port: number): Promise<void> {
  const configuration = join(folder, 'config.yml');
  writeFileSync(configuration, registryConfiguration(join(folder, 'storage'), port));
  await startInBackground(
    {
      command: program,
      args: ['serve', configuration],
      pidFile: pidFile(folder),
      logFile: join(folder, 'registry.log'),
    },
    () => isRegistry(port),
  );
}

async function startContainer(
  folder: string,
  docker: DockerEngine,
  port: number,
  note: (line: string) => void,
): Promise<void> {
  note(`running ${REGISTRY_IMAGE} as the container ${containerName(folder)}`);
  const publish = `127.0.0.1:${port}:5000`;
  const volume = `${join(folder, 'storage')}:/var/lib/registry`;
  const options = ['--detach', '--name', containerName(folder), '--publish', publish];
  const storage = ['--volume', volume, '--env', 'REGISTRY_STORAGE_DELETE_ENABLED=true'];
  endLater(() =>
    promisify(execFile)(docker.cli, ['rm', '--force', containerName(folder)], {
      env: environment(docker),
    }),
  );
  try {
    const run = ['run', ...options, ...storage, REGISTRY_IMAGE];
    await runCommand(docker.cli, run, { env: environment(docker) });
  } catch (cause) {
    throw new PrerequisiteError(
      'no registry program on this machine, and no registry container could be run',
      'install docker-registry (Debian, Ubuntu) or make Docker Hub reachable for the Docker Engine',
      { cause },
    );
  }
  for (let tries = 0; !(await isRegistry(port)); tries++) {
    if (tries > 300)
      throw new PrerequisiteError('the registry does not respond', 'see docker logs');
    await sleep(100);
  }
}

function environment({ host }: Pick<DockerEngine, 'host'>): NodeJS.ProcessEnv {
  return { ...process.env, DOCKER_HOST: host };
}

/** One per sandbox, so that two checkouts don't end each other's registry. */
function containerName(folder: string): string {
  const place = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return `kubernetes-ci-images-registry-${place}`;
}

function pidFile(folder: string): string {
  return join(folder, 'registry.json');
}

/** From the usual port of a local registry on. It is part of every image reference. */
function registryPort(folder: string): RememberedPort {
  return {
    file: join(folder, 'port'),
    first: 5000,
    last: 5099,
    owner: 'its registry',
    consequence: 'which publishes every image anew',
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

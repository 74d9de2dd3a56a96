import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClientAndEngine,
  findDockerClients,
  findDockerEngine,
  isEngineUp,
} from './docker-client.ts';
import { endProcess } from './pid-file.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { canInstallPackages, findCommand, installDebianPackages } from './programs.ts';
import { tryCommand } from './run-command.ts';
import { startInBackground } from './start-in-background.ts';

/** A Docker Engine that responds. */
export interface DockerEngine extends ClientAndEngine {
  /** Whether this call started it. */
  readonly started: boolean;
}

/** The files of a Docker Engine that this project starts. */
export interface OwnDockerEngine {
  /** Its images, its pid file and its log. */
  readonly folder: string;
  /** The path of its socket; the default one when absent, so that every client finds it. */
  readonly socket?: string;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Uses a running engine as it is, with a client that it takes: at DOCKER_HOST, in the Docker context, at the default
 * socket, or `own`. Where there is none, as root on Debian or Ubuntu, installs Docker if it is missing and starts
 * `own`. An engine that refuses every client is a PrerequisiteError: a second one would fight with it over the bridge
 * `docker0`.
 */
export async function resolveDockerEngine(
  { folder, socket = DEFAULT_SOCKET }: OwnDockerEngine,
  note: (line: string) => void,
): Promise<DockerEngine> {
  let clients = await findDockerClients();
  if (clients.length === 0) clients = await installDockerClients(note);
  const chosen = process.env['DOCKER_HOST'] ?? '';
  const ownHost = `unix://${socket}`;
  // The default socket too, whatever the client's context is.
  const others = [await contextHost(clients[0]), ownHost, `unix://${DEFAULT_SOCKET}`];
  const hosts = chosen === '' ? others.filter(Boolean) : [chosen];
  const found = await findDockerEngine(clients, [...new Set(hosts)]);
  if (found !== undefined) return { ...found, started: false };
  if (chosen !== '') {
    throw new PrerequisiteError(
      `no Docker Engine responds at DOCKER_HOST (${chosen})`,
      'start that engine, or unset DOCKER_HOST',
    );
  }
  await startOwn({ folder, socket }, clients, note);
  return { ...((await findDockerEngine(clients, [ownHost])) ?? fail()), started: true };
}

/** Ends the engine that was started for `own`; returns whether there was one. */
export async function endDockerEngine({ folder }: OwnDockerEngine): Promise<boolean> {
  return endProcess(pidFile(folder));
}

async function installDockerClients(note: (line: string) => void): Promise<readonly string[]> {
  // Debian 13 and later have the client and buildx in packages of their own.
  const choices = canInstallPackages() ? [['docker.io'], ['docker-cli', 'docker-buildx']] : [];
  for (const packages of choices) {
    await installDebianPackages(packages, note);
    const clients = await findDockerClients();
    if (clients.length > 0) return clients;
  }
  return fail();
}

async function startOwn(
  own: Required<OwnDockerEngine>,
  clients: readonly string[],
  note: (line: string) => void,
) {
  if (process.getuid?.() !== 0) fail();
  if (findCommand('dockerd') === undefined && canInstallPackages()) {
    await installDebianPackages(['docker.io'], note);
  }
  const daemon = findCommand('dockerd') ?? fail();
  const logFile = join(own.folder, 'dockerd.log');
  note(`starting ${daemon}, log in ${logFile}`);
  mkdirSync(own.folder, { recursive: true });
  // A kill or a reboot leaves this file, and another process may have its number by now.
  rmSync(join(own.folder, 'docker.pid'), { force: true });
  const host = `unix://${own.socket}`;
  const args = [
    `--host=${host}`,
    `--data-root=${join(own.folder, 'images')}`,
    // Beside the socket (its usual place), since the paths of sockets in it may not be long.
    `--exec-root=${own.socket.replace(/\.sock$/, '')}`,
    `--pidfile=${join(own.folder, 'docker.pid')}`,
  ];
  await startInBackground({ command: daemon, args, pidFile: pidFile(own.folder), logFile }, () =>
    isEngineUp(clients, host),
  );
}

/** The address that the client would use by itself: that of its current context; empty for none. */
async function contextHost(cli = 'docker'): Promise<string> {
  const format = '{{.Endpoints.docker.Host}}';
  return (await tryCommand(cli, ['context', 'inspect', '--format', format])) ?? '';
}

function pidFile(folder: string): string {
  return join(folder, 'dockerd.json');
}

function fail(): never {
  throw new PrerequisiteError(
    'no Docker Engine responds, and none can be started here',
    'install and start Docker (on Debian or Ubuntu, `npm start` does both when run as root), or point DOCKER_HOST at a running engine',
  );
}

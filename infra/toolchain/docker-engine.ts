import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  canInstallPackages,
  installDebianPackages,
  findCommand,
  findCommands,
  isAtLeast,
  parseVersion,
} from './programs.ts';
import { endProcess } from './pid-file.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { tryCommand } from './run-command.ts';
import { startInBackground } from './start-in-background.ts';

/** A Docker Engine that answers. */
export interface DockerEngine {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  /** The client to use with it, an absolute path: a value for DOCKER_CLI. */
  readonly cli: string;
  readonly version: string;
  /** Whether this call started it. */
  readonly started: boolean;
}

/** Where a Docker Engine of our own lives. */
export interface OwnDockerEngine {
  /** Its images, its pid file and its log. */
  readonly folder: string;
  /** The path of its socket. */
  readonly socket: string;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';
const DEFAULT_HOST = `unix://${DEFAULT_SOCKET}`;

/** Asking a dead engine must not hang the start. */
const ANSWER_MS = 10_000;

/** The engine that `npm start` starts where none runs: at the default socket, so that every client finds it. */
export function sandboxDockerEngine(folder: string): OwnDockerEngine {
  return { folder, socket: DEFAULT_SOCKET };
}

/**
 * A running engine is used as it is: the one that DOCKER_HOST, the Docker context or the default
 * socket leads to, or `own`. Otherwise, as root on Debian or Ubuntu, installs Docker where it is
 * missing and starts `own` in the background.
 */
export async function resolveDockerEngine(
  own: OwnDockerEngine,
  note: (line: string) => void,
): Promise<DockerEngine> {
  const cli = (await findDockerCli()) ?? (await installDockerCli(note));
  const chosen = process.env['DOCKER_HOST'] ?? '';
  const ownHost = `unix://${own.socket}`;
  // A second engine beside a running one would fight with it over the bridge `docker0`: whatever the
  // client's context is, one at the default socket is found.
  const others = [await contextHost(cli), ownHost, DEFAULT_HOST];
  for (const host of new Set(chosen === '' ? others : [chosen])) {
    const version = await engineVersion(cli, host);
    if (version !== undefined) return { host, cli, version, started: false };
  }
  if (chosen !== '') {
    throw new PrerequisiteError(
      `no Docker Engine answers at DOCKER_HOST (${chosen})`,
      'start that engine, or unset DOCKER_HOST',
    );
  }
  await startOwn(own, cli, note);
  const version = (await engineVersion(cli, ownHost)) ?? 'unknown';
  return { host: ownHost, cli, version, started: true };
}

/** Ends the engine that was started for `own`; returns whether there was one. */
export async function endDockerEngine({ folder }: OwnDockerEngine): Promise<boolean> {
  return endProcess(pidFile(folder));
}

async function startOwn(own: OwnDockerEngine, cli: string, note: (line: string) => void) {
  if (process.getuid?.() !== 0) throw noEngine();
  const daemon = findCommand('dockerd') ?? (await installDaemon(note));
  note(`starting ${daemon}, log in ${join(own.folder, 'dockerd.log')}`);
  mkdirSync(own.folder, { recursive: true });
  // Left behind by a kill or a reboot, and its number may belong to another process by now.
  rmSync(join(own.folder, 'docker.pid'), { force: true });
  const host = `unix://${own.socket}`;
  await startInBackground(
    {
      command: daemon,
      args: [
        `--host=${host}`,
        `--data-root=${join(own.folder, 'images')}`,
        // Beside the socket (its usual place), since the paths of sockets in it may not be long.
        `--exec-root=${own.socket.replace(/\.sock$/, '')}`,
        `--pidfile=${join(own.folder, 'docker.pid')}`,
      ],
      pidFile: pidFile(own.folder),
      logFile: join(own.folder, 'dockerd.log'),
    },
    async () => (await engineVersion(cli, host)) !== undefined,
  );
}

async function installDaemon(note: (line: string) => void): Promise<string> {
  if (!canInstallPackages()) throw noEngine();
  await installDebianPackages(['docker.io'], note);
  const daemon = findCommand('dockerd');
  if (daemon === undefined) throw noEngine();
  return daemon;
}

async function installDockerCli(note: (line: string) => void): Promise<string> {
  if (!canInstallPackages()) throw noEngine();
  await installDebianPackages(['docker.io'], note);
  const cli = await findDockerCli();
  if (cli !== undefined) return cli;
  // Debian 13 and later have the client and buildx in packages of their own.
  await installDebianPackages(['docker-cli', 'docker-buildx'], note);
  const second = await findDockerCli();
  if (second === undefined) throw noEngine();
  return second;
}

/** The address that the client would use by itself: that of its current context. */
async function contextHost(cli: string): Promise<string> {
  const format = '{{.Endpoints.docker.Host}}';
  const host = (await tryCommand(cli, ['context', 'inspect', '--format', format])) ?? '';
  return host === '' ? DEFAULT_HOST : host;
}

async function engineVersion(cli: string, host: string): Promise<string | undefined> {
  const version = await tryCommand(cli, ['version', '--format', '{{.Server.Version}}'], {
    // `docker version` asks `/_ping` first; a client can do it over TLS and SSH as well.
    env: { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: '' },
    timeout: ANSWER_MS,
  });
  return version === '' ? undefined : version;
}

function pidFile(folder: string): string {
  return join(folder, 'dockerd.json');
}

function noEngine(): PrerequisiteError {
  return new PrerequisiteError(
    'no Docker Engine answers, and none can be started here',
    'install and start Docker (on Debian or Ubuntu, `npm start` does both when run as root), or point DOCKER_HOST at a running engine',
  );
}

/** From 23.0 on, `docker build` needs the buildx plug-in for BuildKit; before, DOCKER_BUILDKIT=1 was enough. */
const NEEDS_BUILDX = [23, 0];

/** What a docker client says about itself. */
interface DockerClient {
  readonly command: string;
  /** `docker --version`. */
  readonly version: string;
  readonly hasBuildx: boolean;
}

/** Whether a client can build with BuildKit, which every build here needs. */
export function canUseBuildKit({ version, hasBuildx }: DockerClient): boolean {
  const number = parseVersion(/version (\S+)/.exec(version)?.[1] ?? '');
  return number !== undefined && (hasBuildx || !isAtLeast(number, NEEDS_BUILDX));
}

/**
 * The docker client for this machine, as an absolute path: the first on PATH that can build with
 * BuildKit. A newer client without buildx may hide the distribution's own, so it isn't simply the
 * first one.
 */
async function findDockerCli(): Promise<string | undefined> {
  const candidates = new Set([...findCommands('docker'), ...findCommands('docker', '/usr/bin')]);
  for (const command of candidates) {
    const [version, buildx] = await Promise.all([
      tryCommand(command, ['--version']),
      tryCommand(command, ['buildx', 'version']),
    ]);
    if (version === undefined) continue;
    if (canUseBuildKit({ command, version, hasBuildx: buildx !== undefined })) return command;
  }
  return undefined;
}

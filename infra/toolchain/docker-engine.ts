import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from './pid-file.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import {
  canInstallPackages,
  findCommand,
  findCommands,
  installDebianPackages,
  isAtLeast,
  parseVersion,
} from './programs.ts';
import { tryCommand } from './run-command.ts';
import { startInBackground } from './start-in-background.ts';

/** A Docker Engine that responds. */
export interface DockerEngine {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  /** The client to use with it, an absolute path: a value for DOCKER_CLI. */
  readonly cli: string;
  readonly version: string;
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

/** An engine that hangs must not hang the start. */
const RESPONSE_MS = 10_000;

/** From 23.0 on, `docker build` needs the buildx plug-in for BuildKit; before, DOCKER_BUILDKIT=1 was enough. */
const NEEDS_BUILDX = [23, 0];

/**
 * Uses a running engine as it is: at DOCKER_HOST, in the Docker context, at the default socket, or `own`.
 * Otherwise, as root on Debian or Ubuntu, installs Docker where it is missing and starts `own`.
 */
export async function resolveDockerEngine(
  { folder, socket = DEFAULT_SOCKET }: OwnDockerEngine,
  note: (line: string) => void,
): Promise<DockerEngine> {
  const cli = (await findDockerCli()) ?? (await installDockerCli(note));
  const chosen = process.env['DOCKER_HOST'] ?? '';
  const ownHost = `unix://${socket}`;
  // A second engine would fight with a running one over the bridge `docker0`: looks at the default socket
  // whatever the client's context is.
  const others = [await contextHost(cli), ownHost, `unix://${DEFAULT_SOCKET}`].filter(Boolean);
  for (const host of new Set(chosen === '' ? others : [chosen])) {
    const version = await engineVersion(cli, host);
    if (version !== undefined) return { host, cli, version, started: false };
  }
  if (chosen !== '') {
    throw new PrerequisiteError(
      `no Docker Engine responds at DOCKER_HOST (${chosen})`,
      'start that engine, or unset DOCKER_HOST',
    );
  }
  await startOwn({ folder, socket }, cli, note);
  const version = (await engineVersion(cli, ownHost)) ?? 'unknown';
  return { host: ownHost, cli, version, started: true };
}

/** Ends the engine that was started for `own`; returns whether there was one. */
export async function endDockerEngine({ folder }: OwnDockerEngine): Promise<boolean> {
  return endProcess(pidFile(folder));
}

/**
 * The path of the first docker client that can build with BuildKit: a newer one without buildx may hide the
 * distribution's own.
 */
async function findDockerCli(): Promise<string | undefined> {
  const candidates = new Set([...findCommands('docker'), ...findCommands('docker', '/usr/bin')]);
  for (const command of candidates) {
    const version = (await tryCommand(command, ['--version'])) ?? '';
    const buildx = await tryCommand(command, ['buildx', 'version']);
    if (canUseBuildKit(version, buildx !== undefined)) return command;
  }
  return undefined;
}

/** Whether a client can build with BuildKit. `version` is the output of `docker --version`. */
export function canUseBuildKit(version: string, hasBuildx: boolean): boolean {
  const number = parseVersion(/version (\S+)/.exec(version)?.[1] ?? '');
  return number !== undefined && (hasBuildx || !isAtLeast(number, NEEDS_BUILDX));
}

async function installDockerCli(note: (line: string) => void): Promise<string> {
  // Debian 13 and later have the client and buildx in packages of their own.
  const choices = canInstallPackages() ? [['docker.io'], ['docker-cli', 'docker-buildx']] : [];
  for (const packages of choices) {
    await installDebianPackages(packages, note);
    const cli = await findDockerCli();
    if (cli !== undefined) return cli;
  }
  return fail();
}

async function startOwn(own: Required<OwnDockerEngine>, cli: string, note: (line: string) => void) {
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
  await startInBackground(
    { command: daemon, args, pidFile: pidFile(own.folder), logFile },
    async () => (await engineVersion(cli, host)) !== undefined,
  );
}

/** The address that the client would use by itself: that of its current context; empty for none. */
async function contextHost(cli: string): Promise<string> {
  const format = '{{.Endpoints.docker.Host}}';
  return (await tryCommand(cli, ['context', 'inspect', '--format', format])) ?? '';
}

async function engineVersion(cli: string, host: string): Promise<string | undefined> {
  const version = await tryCommand(cli, ['version', '--format', '{{.Server.Version}}'], {
    // Through the client, which can reach an engine over TLS and SSH as well.
    env: { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: '' },
    timeout: RESPONSE_MS,
  });
  return version === '' ? undefined : version;
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

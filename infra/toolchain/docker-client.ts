import { once } from 'node:events';
import { connect } from 'node:net';
import { buildRefusal } from './docker-builds.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { findCommands, isAtLeast, parseVersion } from './programs.ts';
import { CommandError, runCommand, tryCommand } from './run-command.ts';
import { hasErrorCode } from '../../src/problem.ts';

/** An engine, and a client that it takes. */
export interface ClientAndEngine {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  /** The client to use with it, an absolute path: a value for DOCKER_CLI. */
  readonly cli: string;
  /** The engine's. */
  readonly version: string;
}

/** `line` is the last that the client printed; empty when it got no response in time. */
type Response =
  | { readonly kind: 'accepted'; readonly version: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly line: string };

/** An engine that hangs must not hang the start. */
const RESPONSE_MS = 10_000;

/** From 23.0 on, `docker build` needs the buildx plug-in for BuildKit; before, DOCKER_BUILDKIT=1 was enough. */
const NEEDS_BUILDX = [23, 0];

/** The paths of the docker clients that can build with BuildKit, those on PATH first. */
export async function findDockerClients(): Promise<readonly string[]> {
  const candidates = new Set([...findCommands('docker'), ...findCommands('docker', '/usr/bin')]);
  const found: string[] = [];
  for (const command of candidates) {
    const version = (await tryCommand(command, ['--version'])) ?? '';
    const buildx = await tryCommand(command, ['buildx', 'version']);
    if (canUseBuildKit(version, buildx !== undefined)) found.push(command);
  }
  return found;
}

/**
 * Whether a client can build with BuildKit. `version` is the output of `docker --version`; podman and nerdctl, which
 * some install under this name, print their own.
 */
export function canUseBuildKit(version: string, hasBuildx: boolean): boolean {
  const number = parseVersion(/^Docker version (\S+)/.exec(version)?.[1] ?? '');
  return number !== undefined && (hasBuildx || !isAtLeast(number, NEEDS_BUILDX));
}

/**
 * The first of these engines that takes one of these clients; `undefined` when nothing listens at any of the
 * addresses. Throws a PrerequisiteError when an engine is there and refuses every client, or can't build.
 */
export async function findDockerEngine(
  clients: readonly string[],
  hosts: readonly string[],
): Promise<ClientAndEngine | undefined> {
  const refusals: PrerequisiteError[] = [];
  for (const host of hosts) {
    for (const cli of clients) {
      const response = await askEngine(cli, host);
      if (response.kind === 'accepted') {
        const found = { host, cli, version: response.version };
        await requireBuilder(found);
        return found;
      }
      if (response.kind === 'absent') break;
      refusals.push(refusal(cli, host, response.line));
    }
  }
  if (refusals[0] !== undefined) throw refusals[0];
  return undefined;
}

/** Whether an engine responds to one of the clients, be it with a refusal. */
export async function isEngineUp(clients: readonly string[], host: string): Promise<boolean> {
  for (const cli of clients) {
    const response = await askEngine(cli, host);
    if (response.kind === 'accepted') return true;
    if (response.kind === 'refused' && response.line !== '') return true;
  }
  return false;
}

/** Asks through the client, which can reach an engine over TLS and SSH as well. */
async function askEngine(cli: string, host: string): Promise<Response> {
  // First: an engine that comes up between the two would be taken for one that refuses the client.
  if (await isNobodyThere(host)) return { kind: 'absent' };
  const lines: string[] = [];
  try {
    const version = await runCommand(cli, ['version', '--format', '{{.Server.Version}}'], {
      env: environmentFor(host),
      timeout: RESPONSE_MS,
      onLine: (line) => lines.push(line.trim()),
    });
    return { kind: 'accepted', version: version.trim() };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { kind: 'refused', line: lines.findLast((line) => line !== '') ?? '' };
  }
}

/** Whether the address of a socket or a TCP port is certainly nobody's. Of other addresses the client knows more. */
async function isNobodyThere(host: string): Promise<boolean> {
  const [, path] = /^unix:\/\/(.+)$/.exec(host) ?? [];
  const [, name, port] = /^tcp:\/\/([^/:]+):(\d+)$/.exec(host) ?? [];
  if (path === undefined && name === undefined) return false;
  const socket = path === undefined ? connect({ host: name, port: Number(port) }) : connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(RESPONSE_MS) });
    return false;
  } catch (error) {
    return hasErrorCode(error, 'ENOENT', 'ECONNREFUSED');
  } finally {
    socket.destroy();
  }
}

function refusal(cli: string, host: string, line: string): PrerequisiteError {
  const seconds = RESPONSE_MS / 1000;
  if (line === '') {
    return new PrerequisiteError(
      `the Docker Engine at ${host} does not respond within ${seconds} s`,
      "see that engine's log, and start it again",
    );
  }
  return new PrerequisiteError(
    `${cli} can't use the Docker Engine at ${host}: ${line}`,
    remedyFor(line),
  );
}

function remedyFor(line: string): string {
  if (/API version|client version/i.test(line)) {
    return (process.env['DOCKER_API_VERSION'] ?? '') === ''
      ? 'put a client that this engine takes on PATH, from 23.0 on with buildx'
      : 'unset DOCKER_API_VERSION';
  }
  if (/permission denied/i.test(line)) {
    return 'give this user access to that address (for a socket: the group docker)';
  }
  return 'correct what the client names';
}

/** Throws a PrerequisiteError for an engine whose builds are refused. */
async function requireBuilder({ cli, host, version }: ClientAndEngine): Promise<void> {
  const driverStatus = await tryCommand(cli, ['info', '--format', '{{json .DriverStatus}}'], {
    env: environmentFor(host),
    timeout: RESPONSE_MS,
  });
  const refusal = buildRefusal({ host, version, driverStatus: driverStatus ?? '' });
  if (refusal !== undefined) throw new PrerequisiteError(refusal.problem, refusal.remedy);
}

function environmentFor(host: string): NodeJS.ProcessEnv {
  return { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: '' };
}

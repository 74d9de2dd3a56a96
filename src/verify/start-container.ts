import { setTimeout as wait } from 'node:timers/promises';
import { containersByClient, removeAbandoned } from './abandoned-containers.ts';
import { dockerClient, type Docker } from './docker-client.ts';
import { consoleOf, isRunning, removeNode, startNode, type NodeOptions } from './node-container.ts';
import { lastLines, VerifyError } from './verify-error.ts';
import { waitForSystemd } from './wait-for-systemd.ts';

interface StartOptions {
  /** Seconds until it must be up; pulling it is not counted. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** `os/architecture`. */
  readonly platform: string;
  /** Seconds for a container that does not keep the time limit itself. */
  readonly grace?: number;
  /** The commands that must succeed in it. Absent: its systemd must be running. */
  readonly commands?: readonly string[];
  /** Whether the container is privileged. */
  readonly isPrivileged: boolean;
}

/** How a container came up. */
export interface Start {
  readonly sign: string;
  readonly seconds: number;
  /** The last lines of its console; empty where commands say that it is up. */
  readonly console: readonly string[];
}

/**
 * Starts a container of an image, named by its digest, and waits until its systemd has started all units,
 * or its commands succeed. Removes the container. Throws a VerifyError, and the reason of `signal`.
 */
export async function startContainer(image: string, options: StartOptions): Promise<Start> {
  const { signal, platform } = options;
  await dockerClient(signal)('pull', '--quiet', '--platform', platform, image);
  return startPulled(image, options);
}

/** The same of an image that the Docker Engine has. */
export async function startPulled(
  image: string,
  { timeout, signal, platform, grace = 60, commands, isPrivileged }: StartOptions,
): Promise<Start> {
  await removeAbandoned(containersByClient(dockerClient(signal)));
  const started = Date.now();
  let sign = 'systemd is running';
  let console: readonly string[] = [];
  try {
    if (commands === undefined) {
      console = await waitForSystemd(image, { timeout, grace, isPrivileged, platform, signal });
    } else {
      const options = { seconds: timeout, isPrivileged, platform, commands, signal };
      sign = await waitForCommands(dockerClient, image, options);
    }
  } catch (error) {
    const isForeign = isUnrunnable(error) && !(await runsOn(dockerClient(signal), platform));
    throw isForeign ? notEmulated(platform) : error;
  }
  return { sign, seconds: Math.round((Date.now() - started) / 1000), console };
}

/** Whether a container ended at a program that the kernel can't run: one of another processor, or a script without `#!`. */
function isUnrunnable(error: unknown): boolean {
  return (
    error instanceof VerifyError && error.shown.some((line) => /exec format error/i.test(line))
  );
}

/** Whether the engine certainly has the processor of a platform. */
async function runsOn(docker: Docker, platform: string): Promise<boolean> {
  const format = '{{.Server.Os}}/{{.Server.Arch}}';
  const own = await docker('version', '--format', format).catch(() => '');
  // The engine states no variant.
  return `${platform}/`.startsWith(`${own.trim()}/`);
}

function notEmulated(platform: string): VerifyError {
  return new VerifyError(
    'FOREIGN_PLATFORM',
    `it is for ${platform}, and the machine of the Docker Engine does not emulate that`,
    'emulate it there (on Debian and Ubuntu: apt-get install qemu-user-static binfmt-support)',
  );
}

/** A service may take a while to come up. */
const RETRY_MS = 500;

const LOG_LINES = 60;

interface CommandOptions extends NodeOptions {
  /** Each is a line for the container's shell. */
  readonly commands: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Starts a container by its image's own command, and runs each command in it until it succeeds.
 * `dockerUntil` makes a Docker client that ends with a signal. Returns the sign that the container is up.
 * Removes the container. Throws a VerifyError, and the reason of `signal`.
 */
export async function waitForCommands(
  dockerUntil: (signal: AbortSignal) => Docker,
  image: string,
  { commands, signal, ...options }: CommandOptions,
): Promise<string> {
  const { seconds } = options;
  const docker = dockerUntil(signal);
  const container = await startNode(docker, image, options);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
    for (const command of commands) {
      const failure = await lastFailure(dockerUntil(limit), container, command, limit);
      signal.throwIfAborted();
      if (failure === undefined) continue;
      const when = limit.aborted ? `within ${seconds} seconds` : 'before the container ended';
      throw new VerifyError(
        'COMMAND_FAILED',
        `"${command}" did not succeed ${when}: ${failure}`,
        'correct the image, or its `verify` commands in the catalog',
        lastLines(await consoleOf(docker, container), LOG_LINES),
      );
    }
  } finally {
    await removeNode(docker, container);
  }
  return commands.length === 1 ? 'its command succeeds' : `its ${commands.length} commands succeed`;
}

/** `undefined` once the command succeeds; its last error when the time or the container ends before. */
async function lastFailure(
  docker: Docker,
  container: string,
  command: string,
  limit: AbortSignal,
): Promise<string | undefined> {
  let problem = 'it did not end';
  while (!limit.aborted) {
    try {
      // The error of the Docker client has the error output.
      await docker('exec', container, 'sh', '-c', 'exec >&2; eval "$1"', 'sh', command);
      return undefined;
    } catch (error) {
      if (!(error instanceof VerifyError)) continue;
      if (error.code === 'MISSING_PROGRAM') throw error;
      problem = error.problem;
    }
    if (!(await isRunning(docker, container))) break;
    await wait(RETRY_MS, undefined, { signal: limit }).catch(() => undefined);
  }
  return problem;
}

import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { lifetimeLabel } from './abandoned-containers.ts';
import type { Docker } from './docker-client.ts';
import { VerifyError } from './verify-error.ts';

/** The folders that systemd writes to, in memory as on any machine. */
const IN_MEMORY = ['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', path]);

/** systemd reports its progress on a console only. */
const CONSOLE = ['--tty', '--env', 'NO_COLOR=1'];

/**
 * What no container gets around: it has no network, no folder of the machine, and no variable of this process, and it
 * can take neither all memory nor all processes nor, by what it prints, the disk.
 */
export const LIMITS = [
  '--network=none',
  '--memory=2g',
  '--memory-swap=2g',
  '--pids-limit=4096',
  '--log-driver=local',
  '--cgroupns=private',
];

/** Programs of the image that change their user, such as sudo, gain nothing. */
export const UNPRIVILEGED = ['--security-opt=no-new-privileges'];

/** As CI starts its nodes; the cgroups that systemd makes are below the container's own. */
const PRIVILEGED = ['--privileged'];

/** What systemd needs of it: to mount, and a network of its own to set up. */
const WITH_CAPABILITIES = [
  '--cap-add=SYS_ADMIN',
  '--cap-add=NET_ADMIN',
  '--security-opt=seccomp=unconfined',
];

export interface NodeOptions {
  /** Seconds that it is needed for. */
  readonly seconds: number;
  /** Whether it may take over the machine, as systemd has to be able to. */
  readonly isPrivileged: boolean;
  /** `os/architecture`; the engine's own when absent. */
  readonly platform?: string;
}

/**
 * Starts a container of an image, by the image's own command, and returns its id. Rejects as Docker does, and
 * leaves no container behind then.
 */
export async function startNode(
  docker: Docker,
  image: string,
  { seconds, isPrivileged, platform }: NodeOptions,
): Promise<string> {
  const start = async (rights: readonly string[]) => {
    const name = `--name=${randomName('verify')}`;
    const label = `--label=${lifetimeLabel(seconds).join('=')}`;
    const options = [name, label, ...LIMITS, ...IN_MEMORY, ...CONSOLE, ...rights];
    if (platform !== undefined) options.push(`--platform=${platform}`);
    const container = (await docker('create', ...options, image)).trim();
    try {
      await docker('start', container);
      return container;
    } catch (error) {
      await removeNode(docker, container);
      throw error;
    }
  };
  if (!isPrivileged) return start(UNPRIVILEGED);
  try {
    return await start(PRIVILEGED);
  } catch (error) {
    // A machine that lacks one capability itself can't give all of them away.
    if (!String(error).includes('unable to apply caps')) throw error;
    return start(WITH_CAPABILITIES);
  }
}

/** A name for a container that nothing else has. */
export function randomName(purpose: 'verify' | 'packages'): string {
  return `kubernetes-ci-images-${purpose}-${randomBytes(4).toString('hex')}`;
}

/** Ends and removes a container, be it running or not. */
export async function removeNode(docker: Docker, container: string): Promise<void> {
  await docker('rm', '--force', '--volumes', container);
}

/** One that is gone does not run. */
export async function isRunning(docker: Docker, container: string): Promise<boolean> {
  const listing = await docker('ps', '--quiet', '--no-trunc', '--filter', `id=${container}`);
  return listing.trim() !== '';
}

/** Far more than an engine takes to note that a container has ended. */
const NOTED_MS = 5000;

/** Whether a container has ended in which a program failed: its end ends all programs in it before the engine notes it. */
export async function hasEnded(docker: Docker, container: string): Promise<boolean> {
  const deadline = Date.now() + NOTED_MS;
  while (await isRunning(docker, container)) {
    if (Date.now() > deadline) return false;
    await wait(100);
  }
  return true;
}

/** The last lines of a container's console, which may be gigabytes; why, where Docker does not show it. */
export async function consoleOf(docker: Docker, container: string): Promise<string> {
  return docker('logs', '--tail', '1000', container).catch((error: unknown) => {
    if (error instanceof VerifyError) return error.problem;
    throw error;
  });
}

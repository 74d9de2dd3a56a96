import type { Docker } from './docker.ts';

/** What systemd writes to while it runs, in memory as on any machine. */
const IN_MEMORY = ['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', path]);

/** systemd tells what it does to a console, and to nobody where there is none. */
const CONSOLE = ['--tty', '--env', 'NO_COLOR=1'];

/** As CI starts its nodes; the cgroups that systemd makes are below the container's own. */
const PRIVILEGED = ['--privileged', '--cgroupns', 'private', ...IN_MEMORY, ...CONSOLE];

/** What systemd needs of it: to mount, and a network of its own to set up. */
const WITH_CAPABILITIES = [
  ...['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN'],
  ...['--security-opt', 'seccomp=unconfined', '--cgroupns', 'private'],
  ...IN_MEMORY,
  ...CONSOLE,
];

/**
 * Starts a container of an image that boots systemd, by the image's own command, and returns its id.
 * Rejects as Docker does, and leaves no container behind then.
 */
export async function startNode(docker: Docker, image: string): Promise<string> {
  try {
    return await start(docker, image, PRIVILEGED);
  } catch (error) {
    // A machine that lacks one capability itself can't give all of them away.
    if (!String(error).includes('unable to apply caps')) throw error;
    return start(docker, image, WITH_CAPABILITIES);
  }
}

async function start(docker: Docker, image: string, options: readonly string[]): Promise<string> {
  const container = (await docker('create', ...options, image)).trim();
  try {
    await docker('start', container);
    return container;
  } catch (error) {
    await removeNode(docker, container);
    throw error;
  }
}

/** Ends and removes a container, be it running or not. */
export async function removeNode(docker: Docker, container: string): Promise<void> {
  await docker('rm', '--force', '--volumes', container);
}

import { freeSpace } from '../disk/world.ts';
import { dockerClient } from '../verify/docker-client.ts';

const INTERVAL_MS = 500;

/** Tells when so many bytes less are free than at the beginning. */
interface SpaceWatch {
  readonly exceeded: AbortSignal;
  readonly end: () => void;
}

/**
 * Watches the file system of the Docker Engine, which limits no build itself. Of an engine on another machine nothing is
 * seen. What others write there counts as well.
 */
export async function watchSpace(bytes: number): Promise<SpaceWatch> {
  const controller = new AbortController();
  const folder = await engineFolder();
  const before = folder === undefined ? undefined : await freeIn(folder);
  if (folder === undefined || before === undefined) {
    return { exceeded: controller.signal, end: () => undefined };
  }
  const timer = setInterval(() => {
    void freeIn(folder).then((free = before) => {
      if (before - free > bytes) controller.abort();
    });
  }, INTERVAL_MS);
  const end = () => {
    clearInterval(timer);
  };
  return { exceeded: controller.signal, end };
}

/** Where the engine has its files; `undefined` where it is not reached by a socket of this machine. */
async function engineFolder(): Promise<string | undefined> {
  const docker = dockerClient(new AbortController().signal);
  try {
    const host = await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}');
    if (!host.startsWith('unix:')) return undefined;
    return (await docker('info', '--format', '{{.DockerRootDir}}')).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Docker may run in a machine of its own behind its socket, as Docker Desktop does. */
function freeIn(folder: string): Promise<number | undefined> {
  return freeSpace(folder).catch(() => undefined);
}

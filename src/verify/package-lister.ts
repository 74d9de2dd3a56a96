import { z } from 'zod';
import { parseJson } from '../json.ts';
import { LIST_SCRIPT } from '../packages/package-list.ts';
import {
  containersByApi,
  containersByClient,
  lifetimeLabel,
  removeAbandoned,
} from './abandoned-containers.ts';
import { readFrames, type DockerApi } from './docker-api.ts';
import { PATIENCE, type Docker } from './docker-client.ts';
import { LIMITS, randomName, removeNode, UNPRIVILEGED } from './node-container.ts';
import { lastLines, VerifyError } from './verify-error.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The image decides neither the user, nor the folder, nor where programs are looked for. */
const ENTRY = [
  '--user=0:0',
  '--workdir=/',
  `--env=PATH=${PATH}`,
  '--no-healthcheck',
  '--entrypoint=/bin/sh',
];

/** A way to a Docker Engine. All functions reject with a VerifyError. */
export interface Lister {
  /** What the script prints in a container of an image that the engine has. */
  readonly list: (image: string, platform: string) => Promise<string>;
  readonly pull: (image: string, platform: string) => Promise<unknown>;
  /** Removes the containers that runs which were killed have left. */
  readonly clear: () => Promise<void>;
}

export function byClient(docker: Docker): Lister {
  return {
    clear: () => removeAbandoned(containersByClient(docker)),
    pull: (image, platform) => docker('pull', '--quiet', '--platform', platform, image),
    async list(image, platform) {
      const name = randomName('packages');
      const label = `--label=${lifetimeLabel(PATIENCE.others).join('=')}`;
      const own = [`--name=${name}`, label, `--platform=${platform}`];
      const options = ['--rm', '--pull=never', ...own, ...LIMITS, ...UNPRIVILEGED, ...ENTRY];
      try {
        return await docker('run', ...options, image, '-c', LIST_SCRIPT);
      } catch (error) {
        // A client that is given up leaves its container.
        await removeNode(docker, name).catch(() => undefined);
        throw error;
      }
    },
  };
}

const Progress = z.object({ error: z.string() });
const Ended = z.object({ StatusCode: z.number() });

const GIBIBYTE = 1024 ** 3;

/** The same container as that of the client. */
export function byApi(api: DockerApi): Lister {
  const queryOf = (values: Readonly<Record<string, string>>) => String(new URLSearchParams(values));
  return {
    clear: () => removeAbandoned(containersByApi(api)),
    async pull(image, platform) {
      const query = queryOf({ fromImage: image, platform });
      const progress = await api('POST', `/images/create?${query}`);
      // A failure comes after the status.
      const { error } =
        Progress.safeParse(parseJson(lastLines(progress.toString(), 1).join())).data ?? {};
      if (error !== undefined) throw new VerifyError('DOCKER_FAILED', error, 'pull it by hand');
    },
    async list(image, platform) {
      const name = randomName('packages');
      const container = `/containers/${name}`;
      try {
        await api('POST', `/containers/create?${queryOf({ name, platform })}`, {
          Image: image,
          Entrypoint: ['/bin/sh'],
          Cmd: ['-c', LIST_SCRIPT],
          User: '0:0',
          WorkingDir: '/',
          Env: [`PATH=${PATH}`],
          Healthcheck: { Test: ['NONE'] },
          Labels: Object.fromEntries([lifetimeLabel(PATIENCE.others)]),
          HostConfig: {
            NetworkMode: 'none',
            Memory: 2 * GIBIBYTE,
            MemorySwap: 2 * GIBIBYTE,
            PidsLimit: 4096,
            LogConfig: { Type: 'local' },
            CgroupnsMode: 'private',
            SecurityOpt: ['no-new-privileges'],
          },
        });
        await api('POST', `${container}/start`);
        const ended = Ended.safeParse(parseJson(await api('POST', `${container}/wait`)));
        const { stdout, stderr } = readFrames(
          await api('GET', `${container}/logs?stdout=1&stderr=1`),
        );
        if (ended.data?.StatusCode === 0) return stdout;
        const problem = lastLines(stderr, 3).join(' ');
        throw new VerifyError('DOCKER_FAILED', problem, 'correct what the container says');
      } finally {
        await api('DELETE', `${container}?force=1&v=1`).catch(() => undefined);
      }
    },
  };
}

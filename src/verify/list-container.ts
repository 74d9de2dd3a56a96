import process from 'node:process';
import { z } from 'zod';
import { withDockerAddress } from '../docker-address.ts';
import type { Environment } from '../environment.ts';
import { parseJson } from '../json.ts';
import { LIST_SCRIPT, parsePackages, unknown, type Packages } from '../packages/package-list.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { dockerApi, readFrames, type DockerApi, type EngineAddress } from './docker-api.ts';
import { dockerClient, PATIENCE, type Docker } from './docker-client.ts';
import { labelUntil, LIMITS, randomName, removeNode, UNPRIVILEGED } from './node-container.ts';
import { lastLines, VerifyError } from './verify-error.ts';

export type { EngineAddress } from './docker-api.ts';

interface ListOptions {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly signal: AbortSignal;
  /** Where the image can run; absent for the Docker Engine that the environment names. */
  readonly engine?: EngineAddress;
  readonly docker?: Docker;
  readonly api?: DockerApi;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The image decides neither the user, nor the folder, nor where programs are looked for. */
const ENTRY = [
  '--user=0:0',
  '--workdir=/',
  `--env=PATH=${PATH}`,
  '--no-healthcheck',
  '--entrypoint=/bin/sh',
];

/** A way to a Docker Engine. Both functions reject with a VerifyError. */
interface Lister {
  /** What the script prints in a container of an image that the engine has. */
  readonly list: (image: string, platform: string) => Promise<string>;
  readonly pull: (image: string, platform: string) => Promise<unknown>;
}

/**
 * The packages of a container image, by its own package manager, in a container without rights. `reference` is
 * `registry/repository@digest`; Docker pulls it where it does not have it from a build. Why there is no list is in the
 * result. Throws the reason of `signal` only.
 */
export async function listContainer(reference: string, options: ListOptions): Promise<Packages> {
  const { signal, engine } = options;
  const env = environmentFor(engine, process.env);
  const docker = options.docker ?? dockerClient(signal, env);
  const found = await listBy(byClient(docker), reference, options);
  if (found !== 'no client') return found;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE.others * 1000)]);
  const api = options.api ?? dockerApi(addressIn(withDockerAddress(env)), limit);
  const listed = await listBy(byApi(api), reference, options);
  return listed === 'no client'
    ? unknown('there is no Docker client where it was published')
    : listed;
}

async function listBy(
  { list, pull }: Lister,
  reference: string,
  { platform, signal }: ListOptions,
): Promise<Packages | 'no client'> {
  let first: VerifyError;
  try {
    return parsePackages(await list(reference, platform));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VerifyError)) throw error;
    if (error.code === 'MISSING_PROGRAM') return 'no client';
    const reason = reasonOf(error, platform);
    if (reason !== undefined) return unknown(reason);
    first = error;
  }
  try {
    await pull(reference, platform);
    return parsePackages(await list(reference, platform));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VerifyError)) throw error;
    const isMissing = /no such image/i.test(first.problem);
    const { problem } = isMissing ? error : first;
    return unknown(reasonOf(error, platform) ?? redact(problem, [], LONGEST_QUOTE));
  }
}

function byClient(docker: Docker): Lister {
  return {
    pull: (image, platform) => docker('pull', '--quiet', '--platform', platform, image),
    async list(image, platform) {
      const name = randomName('packages');
      const own = [`--name=${name}`, labelUntil(PATIENCE.others), `--platform=${platform}`];
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
function byApi(api: DockerApi): Lister {
  const queryOf = (values: Readonly<Record<string, string>>) => String(new URLSearchParams(values));
  return {
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
      const [key = '', until = ''] = labelUntil(PATIENCE.others).replace('--label=', '').split('=');
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
          Labels: { [key]: until },
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

/** Why a container can't say its packages; `undefined` for a failure that says nothing about that. */
function reasonOf({ problem }: VerifyError, platform: string): string | undefined {
  // Nor would it in a second try.
  if (problem.includes('did not end within')) return problem;
  if (problem.includes('exec format error')) {
    return `its Docker Engine does not run programs for ${platform}`;
  }
  const isWithoutShell = /\/bin\/sh\W.*(?:no such file|not found)/.test(problem);
  return isWithoutShell ? 'it has no shell that could ask dpkg or rpm' : undefined;
}

function addressIn({ DOCKER_HOST: host = '', DOCKER_CERT_PATH: certPath = '' }: Environment) {
  const isTls = certPath !== '' && host.startsWith('tcp:');
  return { host: host === '' ? undefined : host, certPath: isTls ? certPath : undefined };
}

function environmentFor(
  engine: EngineAddress | undefined,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  if (engine === undefined) return env;
  const { host, certPath } = engine;
  return {
    ...withDockerAddress(env),
    DOCKER_CONTEXT: undefined,
    DOCKER_HOST: host,
    DOCKER_CERT_PATH: certPath,
    DOCKER_TLS_VERIFY: certPath === undefined ? undefined : '1',
  };
}

import { withDockerAddress } from '../docker-address.ts';
import type { Environment } from '../environment.ts';
import { parsePackages, unknown, type Packages } from '../packages/package-list.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { dockerApi, type DockerApi, type EngineAddress } from './docker-api.ts';
import { dockerClient, PATIENCE, type Docker } from './docker-client.ts';
import { byApi, byClient, type Lister } from './package-lister.ts';
import { VerifyError } from './verify-error.ts';

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

/** Meanwhile it removes what runs that were killed have left; a failure of that says nothing of the image. */
async function listBy(
  lister: Lister,
  reference: string,
  options: ListOptions,
): Promise<Packages | 'no client'> {
  const cleared = lister.clear().catch((error: unknown) => {
    if (!(error instanceof VerifyError)) throw error;
  });
  const [found] = await Promise.all([packagesBy(lister, reference, options), cleared]);
  return found;
}

async function packagesBy(
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

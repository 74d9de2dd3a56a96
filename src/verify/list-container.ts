import process from 'node:process';
import { withDockerAddress } from '../docker-address.ts';
import { LIST_SCRIPT, parsePackages, unknown, type Packages } from '../packages/package-list.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { dockerClient, PATIENCE, type Docker } from './docker-client.ts';
import { labelUntil, LIMITS, randomName, removeNode, UNPRIVILEGED } from './node-container.ts';
import { VerifyError } from './verify-error.ts';

interface ListOptions {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly signal: AbortSignal;
  /** Where the image can run; absent for the Docker Engine that the environment names. */
  readonly engine?: EngineAddress;
  readonly docker?: Docker;
}

/** The address of a Docker Engine, as a builder has it. Without a host, it is the local one. */
export interface EngineAddress {
  readonly host?: string | undefined;
  readonly certPath?: string | undefined;
}

/** The image decides neither the user, nor the folder, nor where programs are looked for. */
const ENTRY = [
  '--user=0:0',
  '--workdir=/',
  '--env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  '--no-healthcheck',
  '--entrypoint=/bin/sh',
];

/**
 * The packages of a container image, by its own package manager, in a container without rights. `reference` is
 * `registry/repository@digest`; Docker pulls it where it does not have it from a build. Why there is no list is in the
 * result. Throws the reason of `signal` only.
 */
export async function listContainer(reference: string, options: ListOptions): Promise<Packages> {
  const { platform, signal, engine } = options;
  const docker = options.docker ?? dockerClient(signal, environmentFor(engine, process.env));
  const list = (pull: 'never' | 'missing') => runList(docker, reference, platform, pull);
  try {
    return await list('never');
  } catch (error) {
    const reason = reasonOf(error, platform);
    if (reason !== undefined) return unknown(reason);
  }
  try {
    await docker('pull', '--quiet', '--platform', platform, reference);
    return await list('missing');
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VerifyError)) throw error;
    return unknown(reasonOf(error, platform) ?? redact(error.problem, [], LONGEST_QUOTE));
  }
}

async function runList(docker: Docker, reference: string, platform: string, pull: string) {
  const name = randomName('packages');
  const options = [`--name=${name}`, labelUntil(PATIENCE.others), `--platform=${platform}`];
  try {
    const printed = await docker(
      ...['run', '--rm', `--pull=${pull}`, ...options, ...LIMITS, ...UNPRIVILEGED, ...ENTRY],
      ...[reference, '-c', LIST_SCRIPT],
    );
    return parsePackages(printed);
  } catch (error) {
    // A client that is given up leaves its container.
    await removeNode(docker, name).catch(() => undefined);
    throw error;
  }
}

/** Why a container can't say its packages; `undefined` for a failure that says nothing about that. */
function reasonOf(error: unknown, platform: string): string | undefined {
  if (!(error instanceof VerifyError)) return undefined;
  const { code, problem } = error;
  if (code === 'MISSING_PROGRAM') return 'there is no Docker client where it was published';
  if (problem.includes('exec format error')) {
    return `its Docker Engine does not run programs for ${platform}`;
  }
  const isWithoutShell = /\/bin\/sh\W.*(?:no such file|not found)/.test(problem);
  return isWithoutShell ? 'it has no shell that could ask dpkg or rpm' : undefined;
}

function environmentFor(engine: EngineAddress | undefined, env: NodeJS.ProcessEnv) {
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

import process from 'node:process';
import { askCommands } from './ask-commands.ts';
import { checkNode, type NodeCheck } from './check-node.ts';
import { dockerClient } from './docker-client.ts';
import { withDockerLogin } from './with-docker-login.ts';
import type { Registry } from '../image-reference.ts';
import type { Credentials } from '../registry/credentials.ts';
import { MORE_TIME, VerifyError } from './verify-error.ts';

export interface StartOptions {
  /** Seconds until it must be up; pulling it is not counted. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** `os/architecture`. */
  readonly platform: string;
  /** Seconds beyond the time limit, which is kept in the container, until that one is given up; 60 if absent. */
  readonly grace?: number;
  /** What has to succeed in it; its systemd is asked when absent. */
  readonly commands?: readonly string[];
  /** Who pulls it; whoever the Docker client is logged in as when absent. */
  readonly login?: { readonly registry: Registry; readonly credentials: Credentials };
}

/** In seconds. */
const GRACE = 60;

/** How a container came up. */
export interface Start {
  readonly sign: string;
  readonly seconds: number;
}

/**
 * Starts a container image, named by its digest, and waits until its systemd runs all that it should, or
 * its commands succeed. The container is gone afterwards. Throws a VerifyError, and the reason of `signal`.
 */
export async function startContainer(
  image: string,
  { timeout, signal, platform, grace = GRACE, commands, login }: StartOptions,
): Promise<Start> {
  const pull = (env: NodeJS.ProcessEnv) =>
    dockerClient(signal, env)('pull', '--quiet', '--platform', platform, image);
  if (login === undefined) await pull(process.env);
  else await withDockerLogin(login.registry, login.credentials, process.env, pull);
  const started = Date.now();
  const sign =
    commands === undefined
      ? await askSystemd(image, { timeout, grace, signal })
      : await askCommands(dockerClient, image, { seconds: timeout, commands, signal });
  return { sign, seconds: Math.round((Date.now() - started) / 1000) };
}

async function askSystemd(
  image: string,
  { timeout, grace, signal }: { timeout: number; grace: number; signal: AbortSignal },
): Promise<string> {
  const limit = AbortSignal.timeout((timeout + grace) * 1000);
  const docker = dockerClient(AbortSignal.any([signal, limit]));
  try {
    const check = await checkNode(docker, image, { seconds: timeout, commands: [] });
    if (check.state === 'running') return 'systemd is running';
    throw failure(check, timeout);
  } catch (error) {
    if (error !== limit.reason) throw error;
    const problem = `nothing in it answered for ${timeout + grace} seconds`;
    throw new VerifyError('BOOT_TIMEOUT', problem, MORE_TIME);
  }
}

function failure({ state, failedUnits, log }: NodeCheck, timeout: number): VerifyError {
  const shown = log.split('\n').filter((line) => line !== '');
  if (state === 'ended' || state === 'absent') {
    const remedy =
      'let its CMD be systemd, as in the contexts of config/contexts, or declare `verify` commands';
    const problem =
      state === 'ended' ? 'it ended before systemd was up' : 'it runs, and systemd is not in it';
    return new VerifyError('NO_SYSTEMD', problem, remedy, shown);
  }
  if (failedUnits.length > 0) {
    const problem = `systemd is ${state}; these units failed: ${failedUnits.join(', ')}`;
    const remedy = 'mend them, or mask in the build context what can’t run in a container';
    return new VerifyError('FAILED_UNITS', problem, remedy, shown);
  }
  const problem = `systemd was ${state} after ${timeout} seconds`;
  return new VerifyError('BOOT_TIMEOUT', problem, MORE_TIME, shown);
}

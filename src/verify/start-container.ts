import process from 'node:process';
import { checkNode, type NodeCheck } from './check-node.ts';
import { dockerClient, type Docker, removeNode, startNode } from './docker-client.ts';
import { withDockerLogin } from './with-docker-login.ts';
import type { Registry } from '../image-reference.ts';
import type { Credentials } from '../registry/credentials.ts';
import { MORE_TIME, VerifyError, lastLines } from './verify-error.ts';
import { setTimeout as wait } from 'node:timers/promises';

interface StartOptions {
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
    const remedy = "correct them, or mask in the build context the units that can't run in a container";
    return new VerifyError('FAILED_UNITS', problem, remedy, shown);
  }
  const problem = `systemd was ${state} after ${timeout} seconds`;
  return new VerifyError('BOOT_TIMEOUT', problem, MORE_TIME, shown);
}

/** A service may take a while to come up. */
const RETRY_MS = 500;

const LOG_LINES = 60;

/** What is asked of a container by commands of its own. */
interface CommandQuestions {
  /** Seconds until all of them have to have succeeded. */
  readonly seconds: number;
  /** Each is a line for the container's shell. */
  readonly commands: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Starts a container by its image's own command, and asks each command in it again and again until it
 * succeeds. `dockerUntil` makes a Docker whose questions end with a signal. Returns the sign that it is up.
 * The container is gone afterwards. Throws `COMMAND_FAILED`, and the reason of `signal`.
 */
export async function askCommands(
  dockerUntil: (signal: AbortSignal) => Docker,
  image: string,
  { seconds, commands, signal }: CommandQuestions,
): Promise<string> {
  const docker = dockerUntil(signal);
  const container = await startNode(docker, image);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
    for (const command of commands) {
      const failure = await lastFailure(dockerUntil(limit), container, command, limit);
      signal.throwIfAborted();
      if (failure === undefined) continue;
      throw new VerifyError(
        'COMMAND_FAILED',
        `"${command}" did not succeed ${limit.aborted ? `within ${seconds} seconds` : 'before the container ended'}: ${failure}`,
        'mend the image, or its `verify` commands in the catalog',
        lastLines(await docker('logs', container), LOG_LINES),
      );
    }
    return commands.length === 1
      ? 'its command succeeds'
      : `its ${commands.length} commands succeed`;
  } finally {
    await removeNode(docker, container);
  }
}

/** `undefined` once the command has succeeded; what it said last when its time or its container ended before. */
async function lastFailure(
  docker: Docker,
  container: string,
  command: string,
  limit: AbortSignal,
): Promise<string | undefined> {
  let said = 'it did not end';
  while (!limit.aborted) {
    try {
      // Docker tells what went to the error output.
      await docker('exec', container, 'sh', '-c', 'exec >&2; eval "$1"', 'sh', command);
      return undefined;
    } catch (error) {
      if (!(error instanceof VerifyError)) continue;
      if (error.code === 'MISSING_PROGRAM') throw error;
      said = error.problem;
    }
    const isRunning = await docker('inspect', '--format', '{{.State.Running}}', container);
    if (isRunning.trim() !== 'true') break;
    await wait(RETRY_MS, undefined, { signal: limit }).catch(() => undefined);
  }
  return said;
}

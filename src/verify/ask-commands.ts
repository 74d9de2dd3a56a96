import { setTimeout as wait } from 'node:timers/promises';
import type { Docker } from './docker.ts';
import { removeNode, startNode } from './start-node.ts';
import { lastLines } from './last-lines.ts';
import { VerifyError } from './verify-error.ts';

/** A service may take a while to come up. */
const RETRY_MS = 500;

const LOG_LINES = 60;

/** What is asked of a container by commands of its own. */
export interface CommandQuestions {
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

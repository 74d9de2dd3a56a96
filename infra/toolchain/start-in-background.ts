import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from './prerequisite-error.ts';
import { endProcess, recordOf, runningProcess } from './pid-file.ts';
import { throwIfInterrupted } from './run-command.ts';

export interface BackgroundCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly pidFile: string;
  /** Written anew at each start; takes both output streams. */
  readonly logFile: string;
}

/** Ends what this process has started in the background, the last first. */
const ends: (() => Promise<unknown>)[] = [];

/** Has `endStarted` call `end`, for a container: a container is no process of this one. */
export function endLater(end: () => Promise<unknown>): void {
  ends.unshift(end);
}

/** Ends what this process has started in the background, for a start that is interrupted. */
export async function endStarted(): Promise<void> {
  // One after the other. The list may grow meanwhile.
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
    await end().catch((error: unknown) => {
      console.error(error);
    });
  }
}

/**
 * Starts a daemon in a session of its own, so that it outlives this process and its terminal, and
 * waits until `isReady` is true. After `patience` milliseconds, or when the daemon ends by itself,
 * throws an error with the end of its log.
 */
export async function startInBackground(
  { command, args, env, pidFile, logFile }: BackgroundCommand,
  isReady: () => Promise<boolean>,
  patience = 60_000,
): Promise<void> {
  throwIfInterrupted();
  mkdirSync(dirname(pidFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
  });
  // In the same tick as the start: `npm stop` finds the daemon even if this process is killed now.
  if (child.pid !== undefined) writeFileSync(pidFile, JSON.stringify(recordOf(child.pid)));
  child.unref();
  endLater(() => endProcess(pidFile));

  const deadline = Date.now() + patience;
  while (!(await isReady())) {
    const reason = await Promise.race([failed, sleep(100, undefined)]);
    throwIfInterrupted();
    const ended = reason ?? (runningProcess(pidFile) === undefined ? 'it ended' : undefined);
    if (ended === undefined && Date.now() < deadline) continue;
    throw new PrerequisiteError(
      `${command} did not start: ${ended ?? `not ready after ${patience / 1000} s`}\n${tail(logFile)}`,
      `see ${logFile}, correct the cause and try again`,
    );
  }
}

function tail(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
  return lines.map((line) => `    ${line}`).join('\n');
}

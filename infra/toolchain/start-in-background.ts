import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from './prerequisite-error.ts';
import { endProcess, recordOf, runningProcess } from './pid-file.ts';
import { lastLines, throwIfInterrupted } from './run-command.ts';

interface BackgroundCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly pidFile: string;
  /** Written anew at each start; takes both output streams. */
  readonly logFile: string;
}

/** How long a daemon has until it is ready. */
const PATIENCE_MS = 60_000;

/** Ends what this process has started in the background, the last first. */
const ends: (() => Promise<unknown>)[] = [];

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
 * waits until `isReady` is true. After a minute, or when the daemon ends by itself, throws an error with
 * the end of its log.
 */
export async function startInBackground(
  { command, args, pidFile, logFile }: BackgroundCommand,
  isReady: () => Promise<boolean>,
): Promise<void> {
  throwIfInterrupted();
  mkdirSync(dirname(pidFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
  });
  // In the same tick as the start: `npm stop` finds the daemon even if this process is killed now.
  if (child.pid !== undefined) writeFileSync(pidFile, JSON.stringify(recordOf(child.pid)));
  child.unref();
  ends.unshift(() => endProcess(pidFile));

  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isReady())) {
    const reason = await Promise.race([failed, sleep(100, undefined)]);
    throwIfInterrupted();
    const ended = reason ?? (runningProcess(pidFile) === undefined ? 'it ended' : undefined);
    if (ended === undefined && Date.now() < deadline) continue;
    const why = ended ?? `not ready after ${PATIENCE_MS / 1000} s`;
    throw new PrerequisiteError(
      `${command} did not start: ${why}\n${lastLines(readFileSync(logFile, 'utf8'), 8)}`,
      `see ${logFile}, correct the cause and try again`,
    );
  }
}

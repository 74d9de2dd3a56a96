import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { hasErrorCode } from '../../src/problem.ts';

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment; this process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until the command and its children are killed; no limit when absent. */
  readonly timeout?: number;
  /** Called with each line of either stream as it comes. */
  readonly onLine?: (line: string) => void;
  /** The text on its standard input; nothing when absent. */
  readonly input?: string;
}

/** A command that could not be started, was killed or ended with a code other than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The commands that run now. Each leads a process group, so that its children can be ended with it. */
const running = new Set<ChildProcess>();
let isInterrupted = false;

/** For an engine that cancels builds, or a package that is being set up. */
const INTERRUPTED_MS = 60_000;

/** Throws once `interruptCommands` has been called: a caller must not go on. */
export function throwIfInterrupted(): void {
  if (isInterrupted) throw new Error('interrupted');
}

/**
 * Sends a signal to every command that runs and to its children, and kills those that go on for a minute.
 * Resolves when all have ended. From now on no command is started.
 */
export async function interruptCommands(signal: NodeJS.Signals): Promise<void> {
  isInterrupted = true;
  const ends = [...running].map((child) => once(child, 'close'));
  for (const child of running) signalGroup(child, signal);
  const timer = setTimeout(() => {
    for (const child of running) signalGroup(child, 'SIGKILL');
  }, INTERRUPTED_MS);
  await Promise.all(ends);
  clearTimeout(timer);
}

/** Runs a command to its end and returns its standard output; `CommandError` if it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, timeout, onLine, input = '' }: CommandOptions = {},
): Promise<string> {
  throwIfInterrupted();
  const stdout: string[] = [];
  const both: string[] = [];
  const code = await new Promise<string>((resolve) => {
    const child = spawn(command, args, { cwd, env, detached: true });
    running.add(child);
    // A command that ends without reading closes the pipe, which is no error.
    child.stdin.on('error', () => undefined).end(input);
    const timer =
      timeout === undefined ? undefined : setTimeout(signalGroup, timeout, child, 'SIGKILL');
    for (const input of [child.stdout, child.stderr]) {
      input.setEncoding('utf8').on('data', (text: string) => both.push(text));
      if (onLine === undefined) continue;
      createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
        if (line !== '') onLine(line);
      });
    }
    child.stdout.on('data', (text: string) => stdout.push(text));
    child.on('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      resolve(error.message);
    });
    child.on('close', (exitCode, signal) => {
      running.delete(child);
      clearTimeout(timer);
      resolve(exitCode === 0 ? '' : (signal ?? `exit code ${String(exitCode)}`));
    });
  });
  throwIfInterrupted();
  if (code === '') return stdout.join('');
  throw new CommandError(
    `${[command, ...args].join(' ')}: ${code}\n${lastLines(both.join(''), 15)}`,
  );
}

/** The standard output without surrounding blanks, or `undefined` when the command failed. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string | undefined> {
  try {
    return (await runCommand(command, args, options)).trim();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The whole group has ended just now.
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

/** The end of a text, indented. */
export function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split('\n').slice(-count);
  return lines.map((line) => `    ${line}`).join('\n');
}

import { spawn, type SpawnOptions } from 'node:child_process';
import { hasErrorCode } from '../problem.ts';
import { DiskError, type DiskErrorCode } from './disk-error.ts';

export interface ProgramOptions {
  readonly signal: AbortSignal | undefined;
  /** The code of the error when it fails. */
  readonly failsWith: DiskErrorCode;
  /** The file descriptor that takes the output in place of the result. */
  readonly output?: number;
  /** Exit codes that are no failure, beside 0. */
  readonly accept?: readonly number[];
}

/** Runs a program until it has ended, and returns its standard output. Throws a DiskError. */
export async function runProgram(
  program: 'qemu-img' | 'xz',
  args: readonly string[],
  { signal, failsWith, output, accept = [] }: ProgramOptions,
): Promise<string> {
  const { code, stdout, stderr, failure } = await runToEnd(program, args, {
    // The messages are parsed below.
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', output ?? 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    signal,
  });
  if (failure !== undefined) {
    const isMissing = hasErrorCode(failure, 'ENOENT');
    const problem = isMissing ? `there is no ${program} on PATH` : `${program} can't be started`;
    const remedy = isMissing
      ? 'install it: apt-get install qemu-utils xz-utils'
      : 'give this user the right to run it, or install it anew';
    throw new DiskError('MISSING_PROGRAM', problem, remedy, failure);
  }
  if (![0, ...accept].some((accepted) => accepted === code)) {
    throw ended(program, failsWith, stderr.trim() || `it ended with ${String(code)}`);
  }
  return stdout;
}

/** Characters of each stream that are kept. A program in a container may print without end. */
const MOST_PRINTED = 16 * 1024 * 1024;

/** Runs a program until it has ended. Throws the reason of the signal only. */
export async function runToEnd(program: string, args: readonly string[], options: SpawnOptions) {
  options.signal?.throwIfAborted();
  const child = spawn(program, args, options);
  let [stdout, stderr] = ['', ''];
  const add = (kept: string, text: string) => (kept.length < MOST_PRINTED ? kept + text : kept);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = add(stdout, text)));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = add(stderr, text)));
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const code = await new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (exitCode, killedBy) => {
      resolve(exitCode ?? killedBy);
    });
  });
  options.signal?.throwIfAborted();
  return { code, stdout, stderr, failure };
}

function ended(program: string, failsWith: DiskErrorCode, words: string): DiskError {
  const reason = `${program}: ${words.split('\n').slice(-3).join(' ').replace(`${program}: `, '')}`;
  return /No space left on device|Disk quota exceeded/.test(words)
    ? new DiskError('NO_SPACE', reason, 'make room on that file system')
    : new DiskError(failsWith, reason, REMEDIES[failsWith] ?? 'look at the disk that was named');
}

const REMEDIES: Readonly<Partial<Record<DiskErrorCode, string>>> = {
  UNPACK_FAILED: 'check that the download is packed with xz, or leave its packing out',
  WRONG_FORMAT: 'write the format that the disk has',
  CONVERSION_FAILED: 'the disk is damaged, or too new for this qemu-img: try it there by hand',
};

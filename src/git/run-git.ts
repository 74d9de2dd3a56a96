import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { gitRemedy } from './git-remedies.ts';

/** Room to list a million files. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** The time limit of a command that needs no network. */
const LOCAL_TIMEOUT_MS = 120_000;

/** The time limit of a command that needs the network: a large repository takes a while. */
export const NETWORK_TIMEOUT_MS = 300_000;

export const HEADS = 'refs/heads/';

/**
 * Variables that lead git elsewhere, as set for a hook (`git rev-parse --local-env-vars`). Settings of the
 * command line stay, as they do for a submodule: CI passes credentials by them.
 */
const ELSEWHERE = new Set([
  'GIT_CONFIG',
  'GIT_DIR',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_REPLACE_REF_BASE',
]);

/** What a fetch takes to have all branches of the origin. */
export const ALL_BRANCHES = '"+refs/heads/*:refs/remotes/origin/*"';

/** The remedy for a shallow clone. */
export const DEEPEN = `run: git fetch --unshallow --prune origin ${ALL_BRANCHES} (in CI: fetch-depth: 0, or GIT_DEPTH: 0)`;

interface GitOptions {
  readonly input?: string | Uint8Array;
  /** Takes the output in place of the result: a file descriptor. */
  readonly output?: number;
  readonly timeoutMs?: number;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Git refused, could not be run, or took too long. The message is git's own, in one line. */
export class GitError extends Error {
  override readonly name = 'GitError';
  /** All of git's output, where one line is not enough. */
  readonly output: string;
  /** Absent where the caller knows better what to do. */
  readonly remedy: string | undefined;
  /** Whether git ran to its end, and so has answered. */
  readonly isAnswer: boolean;

  constructor(message: string, output = message, remedy?: string, isAnswer = false) {
    super(message);
    this.output = output;
    this.remedy = remedy;
    this.isAnswer = isAnswer;
  }
}

/**
 * Runs git on the repository at `folder`, which is its top directory or a bare one: git does not look
 * for another above it. It prompts for no password, and sees objects without replacements. Throws a
 * GitError for all but exit code 0.
 */
export function runGit(folder: string, args: readonly string[], options?: GitOptions): Buffer {
  return runForBoth(folder, args, options).stdout;
}

/** Runs git on a user's checkout and returns its output as text. Throws a GitError. */
export function runQuietly(
  checkout: string,
  args: readonly string[],
  options?: GitOptions,
): string {
  return runGit(checkout, quietly(args), options).toString();
}

/**
 * The output without space around it; `undefined` when git fails, as for something that is missing. Throws a
 * GitError where git did not get to its end: nobody knows what it would have found.
 */
export function askGit(folder: string, args: readonly string[]): string | undefined {
  try {
    return runQuietly(folder, args).trim();
  } catch (error) {
    if (error instanceof GitError && error.isAnswer) return undefined;
    throw error;
  }
}

/** Runs git as `runGit` does. Returns the error output as well: a push reports its result there. */
export function runForBoth(
  folder: string,
  args: readonly string[],
  { input = '', output, timeoutMs = LOCAL_TIMEOUT_MS, env }: GitOptions = {},
) {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', folder, ...args], {
    env: { ...gitEnvironment(folder), ...env },
    input,
    stdio: ['pipe', output ?? 'pipe', 'pipe'],
    timeout: timeoutMs,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (error !== undefined) throw notRun(error, timeoutMs);
  const result = {
    stdout: output === undefined ? stdout : Buffer.alloc(0),
    stderr: stderr.toString(),
  };
  if (status === 0) return result;
  const printed = `${result.stdout.toString()}\n${result.stderr}`;
  throw new GitError(fatalLine(result.stderr), printed, gitRemedy(result.stderr), status !== null);
}

function gitEnvironment(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !ELSEWHERE.has(name));
  return {
    ...Object.fromEntries(inherited),
    GIT_CEILING_DIRECTORIES: dirname(realpathSync(folder)),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

function notRun(error: Error, timeoutMs: number): GitError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') {
    return new GitError('git is not installed', undefined, 'install git 2.30 or newer');
  }
  if (code !== 'ETIMEDOUT') return new GitError(error.message);
  const problem = `git took longer than ${timeoutMs / 1000} s`;
  return new GitError(problem, undefined, 'try again: the network or the disk may be busy');
}

/** Git prints this after the reason, which comes from ssh or the host. */
const NO_REASON = 'fatal: Could not read from remote repository.';

function fatalLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /[a-z]/i.test(line.replace('remote:', '')));
  const fatal = lines.findIndex((line) => line.startsWith('fatal:'));
  const reason = lines[fatal] === NO_REASON ? lines[fatal - 1] : undefined;
  return (reason ?? lines.at(fatal))?.replace(/^fatal: /, '').trim() ?? 'git failed without a word';
}

/** Arguments that keep the user's programs from running: hooks, maintenance, file watchers. */
export function quietly(args: readonly string[]): readonly string[] {
  const settings = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'gc.auto=0',
    'maintenance.auto=false',
    'i18n.commitEncoding=UTF-8',
  ];
  return [...settings.flatMap((each) => ['-c', each]), ...args];
}

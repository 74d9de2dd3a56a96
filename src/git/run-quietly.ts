import { talkToGit, type GitOptions } from './run-git.ts';

/** Nothing of the user's own runs: no hook, no upkeep in the background, no watcher of files. */
const SETTINGS = [
  ...['core.hooksPath=/dev/null', 'core.fsmonitor=false'],
  ...['gc.auto=0', 'maintenance.auto=false', 'i18n.commitEncoding=UTF-8'],
];

/** Runs git on a checkout that is somebody's; the answer as text. Throws a GitError. */
export function runQuietly(
  checkout: string,
  args: readonly string[],
  options: GitOptions = {},
): string {
  return talkQuietly(checkout, args, options).stdout.toString();
}

/** The same, with what git says beside the answer. */
export function talkQuietly(checkout: string, args: readonly string[], options: GitOptions = {}) {
  return talkToGit(checkout, [...SETTINGS.flatMap((each) => ['-c', each]), ...args], options);
}

import { spawnSync } from 'node:child_process';
import type { LocalCommit } from '../plan/provenance.ts';
import { runQuietly } from './run-git.ts';

/** The commit of a checkout. Empty without git, or outside a repository: that is no error. */
export function localCommit(checkout: string): LocalCommit {
  const commit = git(checkout, ['rev-parse', 'HEAD']);
  if (commit === undefined) return {};
  const changes = git(checkout, ['status', '--porcelain']);
  const origin = git(checkout, ['remote', 'get-url', 'origin']);
  return { commit, dirty: changes !== '', origin };
}

function git(checkout: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-C', checkout, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Room for the paths of a million files that git does not know. */
const MAX_OUTPUT_BYTES = 128 * 1024 * 1024;

/**
 * The untracked files below some directories of a checkout, ignored ones as well: paths relative to the
 * checkout. A repository inside of it is one path that ends with a slash. Empty without git, or outside a
 * repository: that is no error.
 */
export function untrackedFiles(
  checkout: string,
  directories: readonly string[],
): readonly string[] {
  // Without a path git would look at everything. An empty one is the checkout itself.
  if (directories.length === 0) return [];
  const places = directories.map((directory) => (directory === '' ? '.' : directory));
  const { status, stdout } = spawnSync(
    'git',
    ['--literal-pathspecs', '-C', checkout, 'ls-files', '--others', '-z', '--', ...places],
    { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES },
  );
  return status === 0 ? stdout.split('\0').filter((path) => path !== '') : [];
}

/** The paths, except `file`, that differ from HEAD or are untracked, without ignored ones. */
export function otherChanges(checkout: string, file: string): readonly string[] {
  const listing = runQuietly(checkout, ['status', '--porcelain', '-z', '--no-renames']);
  const paths = listing.split('\0').map((entry) => entry.slice('XY '.length));
  return paths.filter((path) => path !== '' && path !== file);
}

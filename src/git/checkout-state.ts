import { spawnSync } from 'node:child_process';
import type { LocalCommit } from '../plan/provenance.ts';
import { runQuietly } from './run-git.ts';

/** Room for the paths of a million untracked files. */
const MAX_OUTPUT_BYTES = 128 * 1024 * 1024;

/** The commit of a checkout; empty without git, or outside a repository. */
export function localCommit(checkout: string): LocalCommit {
  const commit = git(checkout, ['rev-parse', 'HEAD'])?.trim();
  if (commit === undefined) return {};
  const changes = git(checkout, ['status', '--porcelain'])?.trim();
  const origin = git(checkout, ['remote', 'get-url', 'origin'])?.trim();
  return { commit, dirty: changes !== '', origin };
}

/** The output of git, which may find the repository above; `undefined` when it fails, or is missing. */
function git(checkout: string, args: readonly string[]): string | undefined {
  const options = { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES } as const;
  const { status, stdout } = spawnSync('git', ['-C', checkout, ...args], options);
  return status === 0 ? stdout : undefined;
}

/**
 * The untracked files below some directories of a checkout, ignored ones as well: paths relative to the
 * checkout. A repository inside of it is one path that ends with a slash. Empty without git, or outside a
 * repository.
 */
export function untrackedFiles(
  checkout: string,
  directories: readonly string[],
): readonly string[] {
  // Without a path git would look at everything. An empty one is the checkout itself.
  if (directories.length === 0) return [];
  const places = directories.map((directory) => directory || '.');
  const args = ['--literal-pathspecs', 'ls-files', '--others', '-z', '--', ...places];
  return (git(checkout, args) ?? '').split('\0').filter((path) => path !== '');
}

/** The paths, except `file`, that differ from HEAD or are untracked, without ignored ones. */
export function otherChanges(checkout: string, file: string): readonly string[] {
  const listing = runQuietly(checkout, ['status', '--porcelain', '-z', '--no-renames']);
  const paths = listing.split('\0').map((entry) => entry.slice('XY '.length));
  return paths.filter((path) => path !== '' && path !== file);
}

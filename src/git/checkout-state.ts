import { spawnSync } from 'node:child_process';
import type { LocalCommit } from '../plan/provenance.ts';
import { runQuietly } from './run-git.ts';

/** Asks git about a checkout. Without git, or outside a repository, nothing is known: that is no error. */
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
 * What git does not know below some directories of a checkout, be it ignored or not: paths relative to
 * the checkout. A repository inside of it is one path that ends with a slash. Without git, or outside a
 * repository, nothing is known: that is no error, and nothing is untracked.
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

/** What else than `file` differs from HEAD or is unknown to git: paths, without what is ignored. */
export function otherChanges(checkout: string, file: string): readonly string[] {
  const listing = runQuietly(checkout, ['status', '--porcelain', '-z', '--no-renames']);
  const paths = listing.split('\0').map((entry) => entry.slice('XY '.length));
  return paths.filter((path) => path !== '' && path !== file);
}

import type { LocalCommit } from '../plan/provenance.ts';
import { GitError, runQuietly } from './run-git.ts';

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
  try {
    return runQuietly(checkout, args, { env: { GIT_CEILING_DIRECTORIES: '' } });
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** The paths that differ from HEAD or are untracked, without ignored ones. Throws a GitError. */
export function changedPaths(checkout: string, ...options: readonly string[]): readonly string[] {
  const args = ['status', '--porcelain', '-z', '--no-renames', ...options];
  const entries = runQuietly(checkout, args).split('\0');
  return entries.map((entry) => entry.slice('XY '.length)).filter((path) => path !== '');
}

import { SEE_GIT } from './git-remedies.ts';
import type { LocalCommit } from '../plan/provenance.ts';
import { GitError, runQuietly } from './run-git.ts';

/** The commit of a checkout; empty without git, outside a repository, and before the first commit. */
export function localCommit(checkout: string): LocalCommit {
  // git may find the repository above.
  const git = (...args: readonly string[]) =>
    runQuietly(checkout, args, { env: { GIT_CEILING_DIRECTORIES: '' } }).trim();
  try {
    const commit = git('rev-parse', 'HEAD');
    const dirty = git('status', '--porcelain', '--untracked-files=normal') !== '';
    const remotes = git('remote').split('\n');
    return {
      commit,
      dirty,
      origin: remotes.includes('origin') ? git('remote', 'get-url', 'origin') : undefined,
    };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (NO_COMMIT.test(error.message)) return {};
    const problem = `images are labelled without their commit: ${error.message}`;
    return { warning: `${problem}; ${error.remedy ?? SEE_GIT}` };
  }
}

const NO_COMMIT = /^(?:git is not installed|not a git repository|ambiguous argument 'HEAD')/;

/** The paths that differ from HEAD or are untracked, without ignored ones. Throws a GitError. */
export function changedPaths(checkout: string, ...options: readonly string[]): readonly string[] {
  const args = ['status', '--porcelain', '-z', '--no-renames', ...options];
  const entries = runQuietly(checkout, args).split('\0');
  return entries.map((entry) => entry.slice('XY '.length)).filter((path) => path !== '');
}

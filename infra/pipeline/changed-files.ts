import { runQuietly } from '../../src/git/run-quietly.ts';

/**
 * The files of a checkout that git knows and that are not as in its commit, as git lists them; empty when
 * all are. Throws a GitError where there is no git, or no repository that it trusts.
 */
export function changedFiles(root: string): string {
  return runQuietly(root, ['status', '--porcelain', '--untracked-files=no']).trimEnd();
}

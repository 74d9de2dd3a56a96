import { execFileSync } from 'node:child_process';

/**
 * The files of a checkout that git knows and that are not as in its commit, as git lists them; empty when
 * all are. Throws where there is no git, or no repository.
 */
export function changedFiles(root: string): string {
  const args = ['-C', root, 'status', '--porcelain', '--untracked-files=no'];
  return execFileSync('git', args, { encoding: 'utf8' }).trimEnd();
}

import { spawnSync } from 'node:child_process';
import type { LocalCommit } from '../plan/provenance.ts';

/** Asks git about a checkout. Without git, or outside a repository, nothing is known: that is no error. */
export function localCommit(checkout: string): LocalCommit {
  const commit = git(checkout, ['rev-parse', 'HEAD']);
  if (commit === undefined) return {};
  const changes = git(checkout, ['status', '--porcelain']);
  const origin = git(checkout, ['remote', 'get-url', 'origin']);
  return { commit, dirty: changes !== '', ...(origin !== undefined && { origin }) };
}

function git(checkout: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-C', checkout, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

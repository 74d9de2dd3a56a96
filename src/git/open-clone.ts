import { existsSync } from 'node:fs';
import { blobStore } from './git-objects.ts';
import { readCommit } from './commit-tree.ts';
import { askGit, GitError, HEADS, runGit } from './run-git.ts';
import type { SourceRepository } from '../branches/source.ts';
import type { CommitTree } from '../file-tree.ts';

const ORIGIN = 'refs/remotes/origin/';

/**
 * A clone on this machine, bare or with a work tree; nothing is fetched. A branch of origin comes before a
 * local one of that name: CI has nothing else, and a developer's own may be stale. Throws a GitError for
 * what is no repository, and for a partial clone.
 */
export function openClone(folder: string): SourceRepository {
  if (!existsSync(folder)) throw new GitError('there is no such folder');
  const isShallow = runGit(folder, ['rev-parse', '--is-shallow-repository']).toString().trim();
  const filters = '^(extensions\\.partialclone|remote\\..*\\.promisor)$';
  if (askGit(folder, ['config', '--get-regexp', filters]) !== undefined) {
    throw new GitError('it is a partial clone (--filter), in which files may be missing');
  }
  const { local, origin } = listRefs(folder);
  const branches = new Map([...local, ...origin]);
  return {
    defaultBranch: defaultBranchOf(folder, origin.size > 0),
    branches: new Set(branches.keys()),
    isPartial: isShallow === 'true' || fetchesSingleBranches(folder),
    read: (names) => readBranches(folder, names, branches),
  };
}

/** The trees of branches by the commits that they are on. They share what they have in common. */
export function readBranches(
  folder: string,
  names: readonly string[],
  commits: ReadonlyMap<string, string>,
): ReadonlyMap<string, CommitTree> {
  const store = blobStore(folder);
  const trees = names.map((name): [string, CommitTree] => {
    const commit = commits.get(name);
    if (commit === undefined) throw new GitError(`the branch ${name} has gone`);
    return [name, readCommit(folder, commit, store)];
  });
  return new Map(trees);
}

/** Branches with their commits, by where they are kept. */
export function listRefs(folder: string): Record<'local' | 'origin', Map<string, string>> {
  const args = ['for-each-ref', '--format=%(objectname) %(symref) %(refname)', HEADS, ORIGIN];
  const refs = { local: new Map<string, string>(), origin: new Map<string, string>() };
  for (const line of runGit(folder, args).toString().split('\n')) {
    const [, commit = '', symref, name = ''] = /^(\w+) (\S*) (.+)$/.exec(line) ?? [];
    // origin/HEAD is another name for one of the others.
    if (symref !== '') continue;
    if (name.startsWith(HEADS)) refs.local.set(name.slice(HEADS.length), commit);
    else refs.origin.set(name.slice(ORIGIN.length), commit);
  }
  return refs;
}

/** The branch of the origin, where there is one: the work tree may be on any branch. */
function defaultBranchOf(folder: string, hasOrigin: boolean): string | undefined {
  const [ref, prefix] = hasOrigin ? [`${ORIGIN}HEAD`, ORIGIN] : ['HEAD', HEADS];
  const target = askGit(folder, ['symbolic-ref', '--quiet', ref]);
  return target?.startsWith(prefix) === true ? target.slice(prefix.length) : undefined;
}

/** Fetched are all branches by `+refs/heads/*:refs/remotes/origin/*`, or by a wider pattern. */
function fetchesSingleBranches(folder: string): boolean {
  const specs = askGit(folder, ['config', '--get-all', 'remote.origin.fetch']) ?? '';
  return specs !== '' && !/^\+?refs\/(?:heads\/)?\*:/m.test(specs);
}

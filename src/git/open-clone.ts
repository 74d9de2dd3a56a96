import { existsSync } from 'node:fs';
import { blobStore } from './git-objects.ts';
import { readCommit } from './commit-tree.ts';
import { GitError, runGit } from './run-git.ts';
import type { SourceRepository } from '../branches/source.ts';
import type { CommitTree } from '../file-tree.ts';

const HEADS = 'refs/heads/';
const ORIGIN = 'refs/remotes/origin/';
const ALL_BRANCHES = '+refs/heads/*:refs/remotes/origin/*';

/**
 * A clone on this machine, be it bare or with a work tree. Of a branch, what was fetched from origin
 * comes before a local branch of that name: CI has nothing else, and a developer's own may be stale.
 * Nothing is fetched. Throws a GitError for what is no repository, and for a partial clone, in which
 * any file may be missing.
 */
export function openClone(folder: string): SourceRepository {
  if (!existsSync(folder)) throw new GitError('there is no such folder');
  const isShallow = runGit(folder, ['rev-parse', '--is-shallow-repository']).toString().trim();
  refusePartialClone(folder);
  const refs = listRefs(folder);
  const branches = new Map([...refs.local, ...refs.origin]);
  const defaultBranch = defaultBranchOf(folder, refs.origin.size > 0);
  return {
    defaultBranch,
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
  const lines = runGit(folder, args).toString().split('\n');
  const refs = lines.flatMap((line) => {
    const [, commit, symref, name] = /^(\w+) (\S*) (.+)$/.exec(line) ?? [];
    // origin/HEAD is another name for one of the others.
    return commit === undefined || name === undefined || symref !== '' ? [] : [{ commit, name }];
  });
  const below = (prefix: string) =>
    refs
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ commit, name }): [string, string] => [name.slice(prefix.length), commit]);
  return { local: new Map(below(HEADS)), origin: new Map(below(ORIGIN)) };
}

/** The branch of the origin, where there is one: the work tree may be on any branch. */
function defaultBranchOf(folder: string, hasOrigin: boolean): string | undefined {
  const [ref, prefix] = hasOrigin ? [`${ORIGIN}HEAD`, ORIGIN] : ['HEAD', HEADS];
  const target = ask(folder, ['symbolic-ref', '--quiet', ref]);
  return target?.startsWith(prefix) === true ? target.slice(prefix.length) : undefined;
}

function fetchesSingleBranches(folder: string): boolean {
  const specs = ask(folder, ['config', '--get-all', 'remote.origin.fetch'])?.split('\n');
  if (specs === undefined) return false;
  return !specs.some((spec) => spec === ALL_BRANCHES || /^\+?refs\/(?:heads\/)?\*:/.test(spec));
}

function refusePartialClone(folder: string): void {
  const pattern = '^(extensions\\.partialclone|remote\\..*\\.promisor)$';
  if (ask(folder, ['config', '--get-regexp', pattern]) === undefined) return;
  throw new GitError('it is a partial clone (--filter), in which files may be missing');
}

/** The output of a command; `undefined` when it is empty, or the command fails. */
function ask(folder: string, args: readonly string[]): string | undefined {
  try {
    const output = runGit(folder, args).toString().trim();
    return output === '' ? undefined : output;
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

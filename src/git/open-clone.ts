import { existsSync } from 'node:fs';
import { currentBranch } from './commit-file.ts';
import { blobStore } from './git-objects.ts';
import { withCounts, withRecent } from './commit-history.ts';
import { readCommit } from './commit-tree.ts';
import {
  ALL_BRANCHES,
  askGit,
  DEEPEN,
  GitError,
  HEADS,
  NETWORK_TIMEOUT_MS,
  quietly,
  runGit,
} from './run-git.ts';
import { RepositoryUnreachable, type SourceRepository } from '../branches/source.ts';
import type { CommitTree } from '../file-tree.ts';
import { redact } from '../redact.ts';

/** Settings that say whether a clone is partial, and of what it is one. */
const SETTINGS = '^(extensions\\.partialclone|remote\\..*\\.(promisor|url))$';

/**
 * A clone on this machine, bare or with a work tree; nothing is fetched. Its origin decides which branches
 * there are and their commits, which must be in the clone: what a developer has, or fetched last week, may be
 * stale. Without an origin, the clone's own branches count. Throws a RepositoryUnreachable, also while a branch
 * is read, or a GitError for what is no repository.
 */
export function openClone(folder: string): SourceRepository {
  if (!existsSync(folder)) {
    throw new GitError('there is no such folder', undefined, 'correct the path');
  }
  const isShallow = runGit(folder, ['rev-parse', '--is-shallow-repository']).toString().trim();
  const settings = askGit(folder, ['config', '--name-only', '--get-regexp', SETTINGS]) ?? '';
  const isSet = (setting: RegExp) => settings.split('\n').some((name) => setting.test(name));
  if (isSet(/^extensions\.|\.promisor$/)) {
    const problem = 'it is a partial clone (--filter), in which files may be missing';
    throw new RepositoryUnreachable('REPOSITORY_UNREACHABLE', problem, 'clone it without --filter');
  }
  const hasOrigin = isSet(/^remote\.origin\.url$/);
  const [, other] = /^remote\.(.*)\.url$/m.exec(settings) ?? [];
  const { branches, defaultBranch } = hasOrigin
    ? listOrigin(folder)
    : { defaultBranch: currentBranch(folder), branches: localBranches(folder) };
  return {
    defaultBranch,
    branches: new Set(branches.keys()),
    warnings: hasOrigin ? forkWarnings(folder) : ownWarnings(other),
    read: (names) => {
      const wanted = new Map([...branches].filter(([name]) => names.includes(name)));
      if (hasOrigin) requireCommits(folder, wanted, isShallow === 'true');
      const trees = readBranches(folder, names, branches);
      return isShallow === 'true' ? withRecent(folder, trees) : withCounts(folder, trees);
    },
  };
}

/** A warning where the origin looks like a fork: by convention its original is the remote `upstream`. */
function forkWarnings(folder: string): readonly string[] {
  const upstream = askGit(folder, ['remote', 'get-url', 'upstream']);
  const origin = askGit(folder, ['remote', 'get-url', 'origin']);
  if (upstream === undefined || upstream === origin) return [];
  const url = redact(upstream, []);
  return [
    `the branches of origin count, not those of upstream; name ${url} as the source if it decides`,
  ];
}

/** A warning where the branches of the clone may be older than those of its `remote`, which is not called origin. */
function ownWarnings(remote: string | undefined): readonly string[] {
  if (remote === undefined) return [];
  return [
    `the clone's own branches count, since no remote is called origin; if those of ${remote} are to count, run: git remote rename ${remote} origin`,
  ];
}

/** The branches of a repository with their commits. */
interface Listing {
  /** The branch that HEAD names. */
  readonly defaultBranch?: string | undefined;
  readonly branches: ReadonlyMap<string, string>;
}

/** The branches that a repository keeps itself, with their commits. */
export function localBranches(folder: string): ReadonlyMap<string, string> {
  const listing = runGit(folder, ['for-each-ref', '--format=%(objectname)\t%(refname)', HEADS]);
  return branchesIn(listing.toString());
}

/** The origin's branches as of now, by its address and the credentials that git has for it. */
function listOrigin(folder: string): Listing {
  try {
    return listRemote(folder, 'origin', quietly([]));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const problem = `its origin does not respond: ${error.message}`;
    const remedy = 'let `git ls-remote origin` work in this clone';
    throw new RepositoryUnreachable('REPOSITORY_UNREACHABLE', problem, error.remedy ?? remedy);
  }
}

/** Lists the branches of a remote, or of a URL, with these settings of git. Throws a GitError. */
export function listRemote(folder: string, remote: string, settings: readonly string[]): Listing {
  const args = [...settings, 'ls-remote', '--symref', '--', remote, 'HEAD', `${HEADS}*`];
  const listing = runGit(folder, args, { timeoutMs: NETWORK_TIMEOUT_MS }).toString();
  const [, defaultBranch] = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listing) ?? [];
  return { defaultBranch, branches: branchesIn(listing) };
}

/** The branches in lines of `<commit>\t<ref>`, as git lists refs. */
function branchesIn(listing: string): ReadonlyMap<string, string> {
  const lines = listing.matchAll(/^(\w+)\trefs\/heads\/(.+)$/gm);
  return new Map([...lines].map(([, commit = '', name = '']) => [name, commit]));
}

/** Throws for a branch whose commit is not in the clone. */
function requireCommits(
  folder: string,
  branches: ReadonlyMap<string, string>,
  isShallow: boolean,
): void {
  const input = [...branches.values()].map((commit) => `${commit}\n`).join('');
  const found = runGit(folder, ['cat-file', '--batch-check'], { input }).toString();
  const missing = [...branches].filter(([, commit]) => found.includes(`${commit} missing`));
  if (missing.length === 0) return;
  const names = missing.map(([name, commit]) => `${name} at ${commit.slice(0, 12)}`).join(', ');
  if (isShallow) {
    throw new RepositoryUnreachable(
      'SHALLOW_CLONE',
      `the clone is shallow, without what its origin has: ${names}`,
      DEEPEN,
    );
  }
  throw new RepositoryUnreachable(
    'CLONE_STALE',
    `the clone is behind its origin, which has ${names}`,
    `run: git fetch --prune origin ${ALL_BRANCHES} (in CI: a branch has moved since the checkout; run the pipeline again)`,
  );
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
    if (commit === undefined) {
      throw new GitError(`the branch ${name} has gone`, undefined, 'run this again');
    }
    return [name, readCommit(folder, commit, store)];
  });
  return new Map(trees);
}

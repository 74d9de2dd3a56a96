import { resolve, join } from 'node:path';
import { openClone, listRefs, readBranches } from './open-clone.ts';
import {
  isUrl,
  RepositoryUnreachable,
  type OpenSource,
  type SourceRepository,
} from '../branches/source.ts';
import type { CommitTree } from '../file-tree.ts';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { runGit, GitError } from './run-git.ts';

/** Where repositories are found. */
interface SourcePlaces {
  /** The checkout that relative paths start from. */
  readonly checkout: string;
  /** A folder for what is fetched from URLs, kept for the next time. */
  readonly cache: string;
}

/** Opens clones where they are, and fetches from URLs. */
export function sourceOpener({ checkout, cache }: SourcePlaces): OpenSource {
  return ({ repository: address }) => {
    const repository = explained(() =>
      isUrl(address) ? openRemote(address, cache) : openClone(resolve(checkout, address)),
    );
    const read = (names: readonly string[]) => {
      const trees = explained(() => [...repository.read(names)]);
      return new Map(trees.map(([name, tree]) => [name, explainedTree(tree)]));
    };
    return { ...repository, read };
  };
}

/** Contents come from git when they are read. */
function explainedTree(tree: CommitTree): CommitTree {
  return {
    ...tree,
    load: (files) => {
      explained(() => {
        tree.load(files);
      });
    },
    read: (path) => explained(() => tree.read(path)),
    readLink: (path) => explained(() => tree.readLink(path)),
  };
}

/** Throws a RepositoryUnreachable in place of a GitError. */
function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new RepositoryUnreachable(error.message, { cause: error });
  }
}

/** A slow network takes a while for the branches of a large repository. */
const NETWORK_TIMEOUT_MS = 300_000;

const HEADS = 'refs/heads/';

/** No other protocol: a URL comes from a file, and git knows protocols that run programs. */
const PROTOCOLS = [
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.ssh.allow=always',
  'protocol.file.allow=always',
];

/**
 * A repository by its URL: lists its branches, then fetches the newest commits of those that are
 * read, without their history, into a bare repository below `cache`. Credentials are git's own, without
 * a prompt. Throws a GitError when the repository does not respond: an earlier fetch is never taken for
 * the present state.
 */
function openRemote(url: string, cache: string): SourceRepository {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const folder = join(cache, `${name}.git`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(folder)) makeRepository(folder);
  const { branches, defaultBranch } = listRemote(folder, url);
  return {
    defaultBranch,
    branches,
    isPartial: false,
    read: (names) => {
      fetchBranches(folder, url, names);
      return readBranches(folder, names, listRefs(folder).local);
    },
  };
}

/** Made beside its place and moved there whole, so that several runs at once never see half of it. */
function makeRepository(folder: string): void {
  const own = mkdtempSync(`${folder}-`);
  try {
    runGit(own, ['init', '--quiet', '--bare', '--template=']);
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    // Another run was faster.
    if (!existsSync(join(folder, 'HEAD'))) throw error;
  }
}

function listRemote(
  folder: string,
  url: string,
): { readonly branches: ReadonlySet<string>; readonly defaultBranch: string | undefined } {
  const args = ['ls-remote', '--symref', '--', url, 'HEAD', `${HEADS}*`];
  const lines = network(folder, args).toString().split('\n');
  const targets = lines.map((line) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1]);
  const names = lines.flatMap((line) => /^\w+\trefs\/heads\/(.+)$/.exec(line)?.[1] ?? []);
  return {
    branches: new Set(names),
    defaultBranch: targets.find((target) => target !== undefined),
  };
}

function fetchBranches(folder: string, url: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const specs = names.map((name) => `+${HEADS}${name}:${HEADS}${name}`);
  const options = ['--depth=1', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const args = ['fetch', '--quiet', ...options, '--', url, ...specs];
  pastLock(join(folder, 'shallow.lock'), () => network(folder, args));
}

function network(folder: string, args: readonly string[]): Buffer {
  const settings = PROTOCOLS.flatMap((setting) => ['-c', setting]);
  return runGit(folder, [...settings, ...args], { timeoutMs: NETWORK_TIMEOUT_MS });
}

const PAUSE_MS = 500;

/** Git's message when another run writes to the repository, or has just done so. */
const BUSY = /\.lock|cannot lock ref|shallow file has changed/;

/**
 * Repeats a fetch while another run fetches into the same repository, which git refuses. Removes a
 * `lock` that is older than any run: a killed run left it. Throws every other error at once.
 */
function pastLock(lock: string, run: () => void): void {
  const end = Date.now() + NETWORK_TIMEOUT_MS;
  for (;;) {
    try {
      run();
      return;
    } catch (error) {
      if (!(error instanceof GitError) || !BUSY.test(error.message) || Date.now() > end)
        throw error;
      const written = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (Date.now() - written > 2 * NETWORK_TIMEOUT_MS) rmSync(lock, { force: true });
      // Blocks, since sources are read synchronously.
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

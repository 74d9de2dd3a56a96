import { resolve, join } from 'node:path';
import { openClone, listRefs, readBranches } from './open-clone.ts';
import { isUrl, type OpenSource, type SourceRepository } from '../branches/source.ts';
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
  return ({ repository }) =>
    isUrl(repository) ? openRemote(repository, cache) : openClone(resolve(checkout, repository));
}

/** A slow network takes a while for the branches of a large repository. */
const NETWORK_TIMEOUT_MS = 300_000;

const HEADS = 'refs/heads/';

/** Nothing but these: a URL comes from a file, and git knows protocols that run programs. */
const PROTOCOLS = ['protocol.allow=never', 'https', 'ssh', 'file'].map((name, position) =>
  position === 0 ? name : `protocol.${name}.allow=always`,
);

/**
 * A repository by its URL: asks for its branches, then fetches the newest commits of those that are
 * read, without their history, into a bare repository below `cache`. Credentials are git's own; it asks
 * nobody. Throws a GitError when the repository does not answer: what was fetched before is never
 * taken for what is there now.
 */
function openRemote(url: string, cache: string): SourceRepository {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const folder = join(cache, `${name}.git`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(folder)) makeRepository(folder);
  const { branches, defaultBranch } = listRemote(folder, url);
  return {
    ...(defaultBranch !== undefined && { defaultBranch }),
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
  const patience = {
    lock: join(folder, 'shallow.lock'),
    staleAfterMs: 2 * NETWORK_TIMEOUT_MS,
    waitMs: NETWORK_TIMEOUT_MS,
  };
  pastLock(patience, () => network(folder, ['fetch', '--quiet', ...options, '--', url, ...specs]));
}

function network(folder: string, args: readonly string[]): Buffer {
  const settings = PROTOCOLS.flatMap((setting) => ['-c', setting]);
  return runGit(folder, [...settings, ...args], { timeoutMs: NETWORK_TIMEOUT_MS });
}

const PAUSE_MS = 500;

/** What git says when another run is at it, or has just been. */
const BUSY = /\.lock|cannot lock ref|shallow file has changed/;

/** How one run waits for others that write to the same repository. */
interface Patience {
  /** The file by which git keeps others out. */
  readonly lock: string;
  /** Longer than any run may take: an older lock was left behind by one that was killed. */
  readonly staleAfterMs: number;
  readonly waitMs: number;
}

/**
 * Runs what git refuses while another run has the lock, until that has ended. A lock that nobody can
 * hold any more is removed. Everything else that git refuses is thrown at once.
 */
function pastLock<Result>({ lock, staleAfterMs, waitMs }: Patience, run: () => Result): Result {
  const end = Date.now() + waitMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof GitError) || !BUSY.test(error.message) || Date.now() > end)
        throw error;
      const age = ageOf(lock);
      if (age !== undefined && age > staleAfterMs) rmSync(lock, { force: true });
      else pause();
    }
  }
}

function ageOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && Date.now() - stats.mtimeMs;
}

/** Without a turn of the event loop: reading sources is synchronous throughout. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

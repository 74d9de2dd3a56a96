import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { cacheFolder } from './cache-folder.ts';
import { listRemote, localBranches, openClone, readBranches } from './open-clone.ts';
import { RECENT_DEPTH, withRecent } from './commit-history.ts';
import { SEE_GIT } from './git-remedies.ts';
import { GitError, HEADS, NETWORK_TIMEOUT_MS, runGit } from './run-git.ts';
import {
  isUrl,
  RepositoryUnreachable,
  type OpenSource,
  type SourceRepository,
} from '../branches/source.ts';

/**
 * Opens clones by paths, relative to `checkout`, and fetches from URLs into `cache`. The branches of an address
 * are listed once: all of its sources see the same.
 */
export function sourceOpener({
  checkout,
  cache = cacheFolder(),
}: {
  checkout: string;
  cache?: string;
}): OpenSource {
  const opened = new Map<string, SourceRepository>();
  const open = (address: string) =>
    isUrl(address) ? openRemote(address, cache) : openClone(resolve(checkout, address));
  return ({ repository: address }, read) => {
    try {
      const repository = opened.get(address) ?? open(address);
      opened.set(address, repository);
      return read(repository);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new RepositoryUnreachable(
        'REPOSITORY_UNREACHABLE',
        error.message,
        error.remedy ?? SEE_GIT,
      );
    }
  };
}

/**
 * Lists the branches of a repository, then fetches the newest commits of those that are read, with a little of
 * their history, into a bare repository below `cache`. Credentials are git's own. Throws a GitError when the
 * repository does not respond: an earlier fetch is never taken for the present state.
 */
function openRemote(url: string, cache: string): SourceRepository {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const folder = join(cache, `${name}.git`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(folder)) makeRepository(folder);
  resetSettings(folder);
  const { branches, defaultBranch } = listRemote(folder, url, PROTOCOLS);
  return {
    defaultBranch,
    branches: new Set(branches.keys()),
    read: (names) => {
      if (names.length > 0) fetchBranches(folder, url, names, branches);
      return withRecent(folder, readBranches(folder, names, localBranches(folder)));
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

const SETTINGS = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';

/** What leads git to other settings, programs or objects, in the folder of a bare repository. */
const FOREIGN = [
  '.git',
  'commondir',
  'config.worktree',
  'hooks',
  'info',
  'objects/info/alternates',
];

/**
 * Writes the settings of a repository in the cache anew. Whoever can write to the cache could have git run a
 * program or fetch from elsewhere: git obeys the settings of a repository wherever they come from.
 */
function resetSettings(folder: string): void {
  for (const name of FOREIGN) rmSync(join(folder, name), { recursive: true, force: true });
  // Renamed into place: another run may be reading it.
  const own = join(folder, `config.${process.pid}`);
  writeFileSync(own, SETTINGS);
  renameSync(own, join(folder, 'config'));
}

function fetchBranches(
  folder: string,
  url: string,
  names: readonly string[],
  listed: ReadonlyMap<string, string>,
): void {
  const specs = names.map((name) => `+${HEADS}${name}:${HEADS}${name}`);
  const options = [
    `--depth=${RECENT_DEPTH}`,
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
  ];
  const args = [...PROTOCOLS, 'fetch', '--quiet', ...options, '--', url, ...specs];
  pastLock(join(folder, 'shallow.lock'), () => {
    // Git keeps no branch release/1.0 beside a branch release that is gone from the repository.
    const gone = [...localBranches(folder).keys()].filter((name) => !listed.has(name));
    const input = gone.map((name) => `delete ${HEADS}${name}\n`).join('');
    if (gone.length > 0) runGit(folder, ['update-ref', '--stdin'], { input });
    runGit(folder, args, { timeoutMs: NETWORK_TIMEOUT_MS });
  });
}

/** No protocols but these: a URL comes from a file, and some protocols run programs. */
const PROTOCOLS = ['never', 'https', 'ssh', 'file'].flatMap((name) => {
  return ['-c', name === 'never' ? 'protocol.allow=never' : `protocol.${name}.allow=always`];
});

const PAUSE_MS = 500;

/** Git's message when another run writes to the repository, or has just done so. */
const BUSY = /\.lock|cannot lock ref|shallow file has changed/;

/**
 * Repeats a fetch while another run fetches into the same repository, which git refuses. Removes a
 * `lock` that is older than any run: a killed run left it. Throws every other error at once.
 */
function pastLock(lock: string, run: () => unknown): void {
  const end = Date.now() + NETWORK_TIMEOUT_MS;
  for (;;) {
    try {
      run();
      return;
    } catch (error) {
      const isBusy = error instanceof GitError && BUSY.test(error.message);
      if (!isBusy || Date.now() > end) throw error;
      const written = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (Date.now() - written > 2 * NETWORK_TIMEOUT_MS) rmSync(lock, { force: true });
      // Blocks, since sources are read synchronously.
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fastImport, git, type GitFiles } from '../git/git-repository.ts';
import { startDeclaredRegistry, type DeclaredRegistry } from './declared-registry.ts';
import type { CheckoutOptions } from './test-checkout.ts';

export const DAY_MS = 86_400_000;

/** A project whose own branches need images, and those of another repository; and time, which passes. */
export interface BranchingProject extends DeclaredRegistry {
  /** The path of the other repository, which is bare. */
  readonly consumer: string;
  /** Adds a commit with these files to a branch of the other repository, which it makes if need be. */
  push(branch: string, files: GitFiles): void;
  /** Commits what the checkout holds, and cuts a branch there, if one is named. */
  commit(branch?: string): void;
  /** The time, so many days from now, for the emulator and for all that the checkout runs. */
  inDays(days: number): Date;
  /** Lets days pass, for both. */
  pass(days: number): Promise<void>;
}

/** With these images, each published from a context of its own, on the branch `main`. */
export async function startBranchingProject(
  images: readonly string[],
  options?: CheckoutOptions,
): Promise<BranchingProject> {
  const folder = mkdtempSync(join(tmpdir(), 'branches-'));
  const consumer = join(folder, 'consumer.git');
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', consumer]);
  const clock = join(folder, 'clock');
  let ahead = 0;
  writeFileSync(clock, '0');
  const declared = await withClock(clock, () => startDeclaredRegistry(images, options));
  const { checkout } = declared;
  return {
    ...declared,
    consumer,
    push(branch, files) {
      const ref = `refs/heads/${branch}`;
      const parent = git(consumer, ['for-each-ref', '--format=%(objectname)', ref]) || undefined;
      git(consumer, ['fast-import', '--quiet'], fastImport(branch, files, parent));
    },
    commit(branch) {
      checkout.commit();
      if (branch !== undefined) git(checkout.root, ['branch', branch]);
    },
    inDays: (days) => new Date(Date.now() + ahead + days * DAY_MS),
    async pass(days) {
      await declared.act('PUT', 'emulator/v1/clock', { advance: `${days * 86_400}s` });
      ahead += days * DAY_MS;
      writeFileSync(clock, String(ahead));
    },
    async close() {
      await declared.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A checkout that is made meanwhile runs its programs by this clock: it takes the environment along. */
async function withClock<T>(clock: string, make: () => Promise<T>): Promise<T> {
  const { NODE_OPTIONS: before } = process.env;
  const loader = pathToFileURL(join(import.meta.dirname, 'moved-date.ts')).href;
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import ${loader}`.trim();
  process.env['MOVED_DATE'] = clock;
  try {
    return await make();
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
    delete process.env['MOVED_DATE'];
  }
}

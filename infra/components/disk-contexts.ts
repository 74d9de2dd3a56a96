import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import pLimit from 'p-limit';
import type { DiskRecipe } from '../../src/catalog/image.ts';
import { describeSpace } from '../../src/disk/describe-space.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { fileFailure } from '../../src/disk/disk-files.ts';
import { prepareDisk } from '../../src/disk/prepare-disk.ts';
import { spaceNeeded } from '../../src/disk/space-needed.ts';
import { realWorld } from '../../src/disk/world.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { diskBuildInputs } from '../../src/tag/compute-build-inputs.ts';
import { ALREADY_REPORTED } from '../engine/errors.ts';
import { parallelism } from './build-timeouts.ts';
import { placeIn, type Builders } from './builders.ts';

/** A folder with a prepared disk. It goes once all of its users have called `release`. */
interface DiskContext {
  readonly folder: string;
  readonly release: () => Promise<void>;
}

/** Makes the folder with a recipe's disk; rejects when that fails, for that recipe alone. */
export type OpenDisk = (recipe: DiskRecipe) => Promise<DiskContext>;

/** A disk that a run makes, for a `docker.Image` of this name. */
export interface DiskBuild {
  readonly name: string;
  readonly platform: string;
  readonly recipe: DiskRecipe;
}

/** Disks at a time: each takes the network, and then a core while it is converted. */
const AT_ONCE = 2;

/**
 * Says what the disks that this run builds will take, compared with what is free. An update in which not even one disk
 * after the other fits fails.
 */
export async function announceDisks(
  disks: readonly DiskBuild[],
  { share }: Pick<Builders, 'share'>,
): Promise<void> {
  const shares = disks.length === 0 ? [] : await share(disks);
  if (shares.length === 0) return;
  const engines = shares.map(({ builds, ...engine }) => {
    return { ...engine, recipes: builds.map(({ recipe }) => recipe) };
  });
  const downloads = join(cacheFolder(), 'downloads');
  const { freeSpace } = realWorld();
  const options = { downloads, parallel: parallelism(), freeSpace };
  const need = await spaceNeeded(engines, options).catch((error: unknown) => {
    const failure = fileFailure(error);
    if (failure instanceof DiskError) return failure;
    throw error;
  });
  if (need instanceof DiskError) {
    const unknown = 'what the VM disks to build need is not compared with what is free';
    await pulumi.log.warn(`${unknown}: ${need.message}`);
    return;
  }
  const { severity, text } = describeSpace(need, cacheFolder());
  if (severity === 'info') await pulumi.log.info(text);
  // Another machine than this one may run the build.
  else if (severity === 'warning' || pulumi.runtime.isDryRun()) await pulumi.log.warn(text);
  else {
    process.exitCode = ALREADY_REPORTED;
    await pulumi.log.error(text);
  }
}

/**
 * The disks of a run of the program for a stack. All runs of a user share and keep the downloads. They keep no
 * disks: one run at a time has a stack, so disks that are there before its first are those of a killed run.
 */
export function stackDisks(checkout: string, stack: string): OpenDisk {
  const key = createHash('sha256')
    .update(JSON.stringify([checkout, stack]))
    .digest('hex');
  const disks = join(cacheFolder(), 'disks', key.slice(0, 32));
  const folders = { downloads: join(cacheFolder(), 'downloads'), disks };
  const note = (line: string) => void pulumi.log.info(line);
  let emptied: Promise<void> | undefined;

  return diskContexts(async (recipe) => {
    emptied ??= rm(disks, { recursive: true, force: true });
    await emptied;
    return prepareDisk(recipe, folders, { note });
  });
}

interface Shared {
  readonly folder: Promise<string>;
  /** Lets the next disk be prepared. */
  readonly end: () => void;
  users: number;
}

/**
 * The disks of one run of the program, made by `prepare`: two at a time. Images of the same recipe share a
 * disk. A disk is large, and there may be dozens: none stays longer than it is needed, and no more are there than the
 * engine builds at once. With fewer, builds that hang could hold all disks while the engine has room for others, and
 * the run would not end. Builders that take fewer let no more builds begin, each of which wants one disk.
 */
export function diskContexts(
  prepare: (recipe: DiskRecipe) => Promise<string>,
  parallel = parallelism(),
): OpenDisk {
  const preparing = pLimit(AT_ONCE);
  const alone = pLimit(1);
  const there = pLimit(parallel);
  const open = new Map<string, Shared>();
  const removed = new Map<string, Promise<void>>();

  return async (recipe) => {
    const key = JSON.stringify(diskBuildInputs(recipe));
    const shared = open.get(key) ?? begin(key, recipe);
    open.set(key, shared);
    shared.users += 1;
    const folder = await shared.folder;
    const release = async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      open.delete(key);
      const removal = rm(folder, { recursive: true, force: true }).finally(shared.end);
      removed.set(key, removal);
      await removal;
    };
    return { folder, release };
  };

  function begin(key: string, recipe: DiskRecipe): Shared {
    const folder = Promise.withResolvers<string>();
    const ended = Promise.withResolvers<undefined>();
    const end = () => {
      ended.resolve(undefined);
    };
    void there(() => {
      const made = preparing(() => prepareAfter(key, recipe)).catch((error: unknown) => {
        if (!(error instanceof DiskError) || error.code !== 'NO_SPACE') throw error;
        return alone(() => prepareAlone(recipe));
      });
      folder.resolve(made);
      made.catch(end);
      return ended.promise;
    });
    return { folder: folder.promise, end, users: 0 };
  }

  /** Two that are made at once may each fit, and not both. Waits for no build, which may hang. */
  async function prepareAlone(recipe: DiskRecipe): Promise<string> {
    const places = Array.from({ length: AT_ONCE }, () => placeIn(preparing));
    const leaving = await Promise.all(places);
    try {
      return await prepare(recipe);
    } finally {
      for (const leave of leaving) leave();
    }
  }

  /** Waits for the removal of the same folder, if it is being removed. */
  async function prepareAfter(key: string, recipe: DiskRecipe): Promise<string> {
    await removed.get(key)?.catch(() => undefined);
    return prepare(recipe);
  }
}

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pulumi from '@pulumi/pulumi';
import type { DiskRecipe } from '../../src/catalog/disk-source.ts';
import { prepareDisk } from '../../src/disk/prepare-disk.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { diskContexts, type OpenDisk } from './disk-contexts.ts';

/**
 * The disks of a run of the program for a stack, from the checkout that the program runs in. Downloads
 * are kept and shared with all that a user runs. Disks are not: the engine lets one run at a time have a
 * stack, so what is in the stack's folder when a run makes its first disk was left by one that was killed.
 */
export function stackDisks(checkout: string, stack: string): OpenDisk {
  const key = createHash('sha256')
    .update(JSON.stringify([checkout, stack]))
    .digest('hex');
  const disks = join(cacheFolder(), 'disks', key.slice(0, 32));
  const folders = { downloads: join(cacheFolder(), 'downloads'), disks };
  const note = (line: string) => void pulumi.log.info(line);
  let emptied: Promise<void> | undefined;

  return diskContexts(async (recipe: DiskRecipe) => {
    emptied ??= rm(disks, { recursive: true, force: true });
    await emptied;
    return prepareDisk(recipe, folders, { note });
  });
}

import type { DiskRecipe } from '../src/disk/disk-source.ts';
import { diskContexts } from './disk-contexts.ts';

/** The disks of this run of the program. */
export const openDisk = diskContexts(({ source }: DiskRecipe) => {
  return Promise.reject(new Error(`${source.url} can't be made into a disk yet`));
});

import type { DiskRecipe } from '../disk-source.ts';
import { turns } from '../turns.ts';
import { diskFolder, prepareDisk, type DiskFolders } from './prepare-disk.ts';
import type { World } from './world.ts';

/** Each takes a core while it converts, and the network before. */
const AT_ONCE = 2;

/** Prepares a recipe's disk; see `prepareDisk`. */
export type PrepareDisk = (recipe: DiskRecipe) => Promise<string>;

/**
 * Prepares the disks of one run: two at a time, and each once, however many images ask for it. One
 * that fails is that one's failure; the others go on.
 */
export function diskPreparer(folders: DiskFolders, given: Partial<World> = {}): PrepareDisk {
  const takeTurn = turns(AT_ONCE);
  const begun = new Map<string, Promise<string>>();

  return (recipe) => {
    const folder = diskFolder(recipe, folders);
    const before = begun.get(folder);
    if (before !== undefined) return before;
    const preparation = takeTurn(() => prepareDisk(recipe, folders, given));
    begun.set(folder, preparation);
    return preparation;
  };
}

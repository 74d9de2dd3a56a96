import { rm } from 'node:fs/promises';
import { diskBuildInputs } from '../../src/tag/disk-build-inputs.ts';
import type { DiskRecipe } from '../../src/catalog/disk-source.ts';
import { turns } from '../../src/http/turns.ts';

/** A folder with a prepared disk, to build an image from. */
export interface DiskContext {
  readonly folder: string;
  /** To be called once, when the image is built: the folder goes with its last user. */
  readonly release: () => Promise<void>;
}

/** Makes the folder that a recipe's disk is in; rejects when that fails, for that recipe alone. */
export type OpenDisk = (recipe: DiskRecipe) => Promise<DiskContext>;

/** Each takes a core while it converts, and the network before. */
const AT_ONCE = 2;

interface Shared {
  readonly folder: Promise<string>;
  users: number;
}

/**
 * The disks of one run of the program, which `prepare` makes: two at a time, and images of the same
 * recipe share one. A disk is large, and there may be dozens: none stays longer than it is needed.
 */
export function diskContexts(prepare: (recipe: DiskRecipe) => Promise<string>): OpenDisk {
  const takeTurn = turns(AT_ONCE);
  const open = new Map<string, Shared>();
  const removed = new Map<string, Promise<void>>();

  return async (recipe) => {
    const key = JSON.stringify(diskBuildInputs(recipe));
    const shared = open.get(key) ?? { folder: takeTurn(() => prepareAfter(key, recipe)), users: 0 };
    open.set(key, shared);
    shared.users += 1;
    const folder = await shared.folder;
    const release = async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      open.delete(key);
      const removal = rm(folder, { recursive: true, force: true });
      removed.set(key, removal);
      await removal;
    };
    return { folder, release };
  };

  /** The same folder may just be going. */
  async function prepareAfter(key: string, recipe: DiskRecipe): Promise<string> {
    await removed.get(key)?.catch(() => undefined);
    return prepare(recipe);
  }
}

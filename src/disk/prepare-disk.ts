import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskBuildInputs } from '../tag/compute-build-inputs.ts';
import { DiskError } from './disk-error.ts';
import type { DiskRecipe } from '../catalog/image.ts';
import { download } from './download.ts';
import { fileFailure, removeAbandoned, unfinished } from './disk-files.ts';
import { checkDisk, makeDisk, unpack } from './make-disk.ts';
import { realWorld, type World } from './world.ts';

/** Where disks are made, as absolute paths. Both may be shared by runs that go on at once. */
export interface DiskFolders {
  /** Downloads by checksum, for all checkouts of a user. */
  readonly downloads: string;
  /** Prepared disks, each in a folder of its own. */
  readonly disks: string;
}

/** The one file in the folder of a prepared disk. */
export const DISK_FILE = 'disk.qcow2';

/** The folder that a recipe's disk is prepared in: known before it is, and no other recipe's. */
export function diskFolder(recipe: DiskRecipe, { disks }: Pick<DiskFolders, 'disks'>): string {
  const inputs = Object.entries(diskBuildInputs(recipe)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
  return join(disks, key.slice(0, 32));
}

/**
 * Downloads a disk, checks its sum, unpacks, converts and enlarges it. Returns a folder to build from
 * with config/contexts/vm-disk/Dockerfile: it holds `disk.qcow2`, mode 0444, and nothing else. The
 * folder appears whole or not at all; a disk that is there already is only checked.
 *
 * Throws a DiskError, or the reason of `signal`. The folder is the caller's to remove.
 */
export async function prepareDisk(
  recipe: DiskRecipe,
  folders: DiskFolders,
  given: Partial<World> = {},
): Promise<string> {
  const world = realWorld(given);
  try {
    return await prepare(recipe, folders, world);
  } catch (error) {
    world.signal?.throwIfAborted();
    throw fileFailure(error);
  }
}

async function prepare(recipe: DiskRecipe, folders: DiskFolders, world: World): Promise<string> {
  const folder = diskFolder(recipe, folders);
  for (const place of [folders.downloads, folders.disks]) {
    await mkdir(place, { recursive: true });
    await removeAbandoned(place);
  }
  if (await isPrepared(folder, world)) return folder;
  const workplace = unfinished(folder);
  const result = join(workplace, 'result');
  try {
    const downloaded = await download(recipe.source, folders.downloads, world);
    await mkdir(result, { recursive: true });
    const isPacked = recipe.source.packing !== undefined;
    const file = isPacked ? join(workplace, 'unpacked') : downloaded;
    if (isPacked) await unpack(downloaded, file, world);
    await makeDisk({ file, owned: isPacked }, join(result, DISK_FILE), recipe, world);
    await putInPlace(result, folder);
    return folder;
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

/** A disk that does not pass its check, after a power cut perhaps, is removed. */
async function isPrepared(folder: string, world: World): Promise<boolean> {
  const disk = join(folder, DISK_FILE);
  const isThere = await stat(disk).then(
    () => true,
    () => false,
  );
  if (!isThere) return false;
  try {
    await checkDisk(disk, world);
    return true;
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'CONVERSION_FAILED') throw error;
    await rm(folder, { recursive: true, force: true });
    return false;
  }
}

/** Another run may have been quicker: then its disk stays, which is the same. */
async function putInPlace(result: string, folder: string): Promise<void> {
  try {
    await rename(result, folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskRecipe } from '../catalog/image.ts';
import { byKey } from '../compare-texts.ts';
import { hasErrorCode } from '../problem.ts';
import { diskBuildInputs } from '../tag/compute-build-inputs.ts';
import { DiskError } from './disk-error.ts';
import {
  endUse,
  fileFailure,
  removeAbandoned,
  removeBytes,
  removeLeastUsed,
  unfinished,
} from './disk-files.ts';
import { download, keptDownload } from './download.ts';
import { checkDisk, makeDisk, unpack } from './make-disk.ts';
import { realWorld, type World } from './world.ts';

/** Absolute paths, which several runs may share at once. */
interface DiskFolders {
  /** Downloads by checksum, for all checkouts of a user. */
  readonly downloads: string;
  /** Prepared disks, each in a folder of its own. */
  readonly disks: string;
}

/** What downloads may take together: a dozen disks, as distributions pack them. */
const DOWNLOADS_BYTES = 10 * 1024 ** 3;

/** The one file in the folder of a prepared disk. */
export const DISK_FILE = 'disk.qcow2';

/** The folder of a recipe's prepared disk, which no other recipe has. */
export function diskFolder(recipe: DiskRecipe, { disks }: Pick<DiskFolders, 'disks'>): string {
  const inputs = Object.entries(diskBuildInputs(recipe)).toSorted(byKey);
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
  return join(disks, key.slice(0, 32));
}

/**
 * Downloads a disk, checks its sum, unpacks, converts and enlarges it. Returns a build context for
 * config/contexts/vm-disk/Dockerfile, for the caller to remove: a folder with `disk.qcow2`, mode 0444,
 * alone. The folder appears whole or not at all; an existing disk is only checked. Throws a DiskError,
 * or the reason of `signal`.
 */
export async function prepareDisk(
  recipe: DiskRecipe,
  folders: DiskFolders,
  given: Partial<World> = {},
): Promise<string> {
  const makeRoom = (bytes: number) => removeBytes(folders.downloads, bytes);
  const world = realWorld({ makeRoom, ...given });
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
    await removeLeastUsed(folders.downloads, DOWNLOADS_BYTES);
    await mkdir(result, { recursive: true });
    const isPacked = recipe.source.packing !== undefined;
    const file = isPacked ? join(workplace, 'unpacked') : downloaded;
    if (isPacked) await unpack(downloaded, file, world);
    await makeDisk(file, join(result, DISK_FILE), recipe, world);
    await rename(result, folder).catch((error: unknown) => {
      // Another run was quicker: its disk stays, which is the same.
      if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
    return folder;
  } finally {
    await rm(workplace, { recursive: true, force: true });
    await endUse(keptDownload(folders.downloads, recipe.source.checksum));
  }
}

/** Removes a disk that does not pass its check, after a power cut perhaps. */
async function isPrepared(folder: string, world: World): Promise<boolean> {
  const disk = join(folder, DISK_FILE);
  if (!existsSync(disk)) return false;
  try {
    await checkDisk(disk, world);
    return true;
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'CONVERSION_FAILED') throw error;
    await rm(folder, { recursive: true, force: true });
    return false;
  }
}

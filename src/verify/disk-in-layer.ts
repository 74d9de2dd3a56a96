import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { extract, list, type ReadEntry } from 'tar';
import { DiskError } from '../disk/disk-error.ts';
import type { LayerFile } from './check-disk-files.ts';

/** Entries of an archive that have a content of their own. */
const REGULAR = ['File', 'OldFile', 'ContiguousFile'];

/** What a layer has below `disk/`, which is where KubeVirt looks. */
export async function diskFiles(layer: string): Promise<readonly LayerFile[]> {
  const files: LayerFile[] = [];
  const onReadEntry = ({ path, type, mode, uid, size }: ReadEntry) => {
    const name = plain(path);
    if (!name.startsWith('disk/') || type === 'Directory') return;
    const isRegular = REGULAR.includes(type);
    files.push({ path: name, size, isRegular, mode: (mode ?? 0) & 0o777, owner: uid });
  };
  await refusingDamage((onwarn) => list({ file: layer, onReadEntry, onwarn }));
  return files;
}

/** Takes one of these files out of the layer, into a folder; returns its path there. */
export async function extractDisk(
  layer: string,
  { path, size }: Pick<LayerFile, 'path' | 'size'>,
  folder: string,
): Promise<string> {
  const filter = (name: string) => plain(name) === path;
  await refusingDamage((onwarn) => extract({ file: layer, cwd: folder, filter, onwarn }));
  const disk = join(folder, path);
  const { size: written } = await stat(disk);
  // The library takes a write that the file system cut short for a whole one.
  if (written === size) return disk;
  const problem = `/${path} has ${size} bytes, of which ${written} could be unpacked`;
  throw new DiskError('NO_SPACE', problem, 'make room where temporary files go, or set TMPDIR');
}

type OnWarn = (code: string, message: string, data: unknown) => void;

/**
 * To the library, a file that can't be written and an archive that ends too soon are warnings. So is a path
 * that begins with a slash, which does no harm.
 */
async function refusingDamage(work: (onWarn: OnWarn) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  await work((code, message, data) => {
    if (code !== 'TAR_ENTRY_INFO') failures.push(data instanceof Error ? data : new Error(message));
  });
  if (failures.length > 0) throw failures[0];
}

/** An entry's path from the archive's top, however it is written: two that are one file must look the same. */
function plain(path: string): string {
  return posix.normalize(path).replace(/^\/+/, '');
}

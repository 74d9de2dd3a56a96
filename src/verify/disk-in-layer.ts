import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { extract, list, type ReadEntry } from 'tar';
import { DiskError } from '../disk/disk-error.ts';
import { VerifyError } from './verify-error.ts';

/** A file of a layer, as its archive has it. */
export interface LayerFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** False for links, devices and all else that is no file of its own. */
  readonly isRegular: boolean;
  /** Permission bits. */
  readonly mode: number;
  /** Absent where the archive names none: then root's. */
  readonly owner: number | undefined;
}

/** Entries of an archive that have a content of their own. */
const REGULAR = ['File', 'OldFile', 'ContiguousFile'];

/** The files of a layer below `disk/`, which is where KubeVirt looks. */
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

/** Unpacks one of these files into a folder, and returns its path there. */
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

/** The path of an entry from the archive's top. Two spellings of one file must give the same. */
function plain(path: string): string {
  return posix.normalize(path).replace(/^\/+/, '');
}

/** A path that can't lead out of where it is unpacked to. */
const PLAIN_PATH = /^disk\/(?!\.)[^/\\\0]+$/;

/** The user that KubeVirt runs machines as. */
const QEMU_USER = 107;

/**
 * The disk among the files below `disk/`, which KubeVirt boots only if it is alone and KubeVirt's user may
 * read it (KubeVirt, "Disks and Volumes", containerDisk). Throws a VerifyError.
 */
export function checkDiskFiles<File extends LayerFile>(files: readonly File[]): File {
  const [disk, ...others] = files;
  if (disk === undefined || others.length > 0) {
    throw noDisk(`it has ${files.length} files below /disk/, not one`);
  }
  const { path, isRegular, mode, owner = 0 } = disk;
  if (!isRegular || !PLAIN_PATH.test(path)) throw noDisk(`/${path} is no plain file of /disk/`);
  if ((mode & (owner === QEMU_USER ? 0o400 : 0o004)) !== 0) return disk;
  throw noDisk(
    `/${path} (0${mode.toString(8)}, owner ${owner}) can't be read by user ${QEMU_USER}`,
  );
}

function noDisk(problem: string): VerifyError {
  const remedy =
    'build it with config/contexts/vm-disk, as `images plan` shows its context, or copy an image that is a containerDisk';
  return new VerifyError('NO_DISK', problem, remedy);
}

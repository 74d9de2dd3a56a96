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

/** A path that can't lead out of where it is unpacked to. */
const PLAIN_PATH = /^disk\/(?!\.)[^/\\\0]+$/;

/** What KubeVirt runs machines as. */
const QEMU_USER = 107;

/**
 * The one disk that the files below `disk/` are. KubeVirt takes it for a machine only if
 * it is alone and its user may read it (KubeVirt, "Disks and Volumes", containerDisk). Throws a
 * VerifyError.
 */
export function checkDiskFiles<File extends LayerFile>(files: readonly File[]): File {
  const [disk, ...others] = files;
  const remedy = 'build it with config/contexts/vm-disk, as `images plan` shows its context';
  if (disk === undefined || others.length > 0) {
    throw new VerifyError('NO_DISK', `it has ${files.length} files below /disk/, not one`, remedy);
  }
  if (!disk.isRegular || !PLAIN_PATH.test(disk.path)) {
    throw new VerifyError('NO_DISK', `/${disk.path} is no plain file of /disk/`, remedy);
  }
  const isOwner = disk.owner === QEMU_USER;
  if ((disk.mode & (isOwner ? 0o400 : 0o004)) !== 0) return disk;
  const mode = `0${disk.mode.toString(8)}`;
  const problem = `/${disk.path} (${mode}, owner ${disk.owner ?? 0}) can’t be read by user 107`;
  throw new VerifyError('NO_DISK', problem, remedy);
}

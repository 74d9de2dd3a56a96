import { CodedError } from '../problem.ts';

export type DiskErrorCode =
  | 'DOWNLOAD_FAILED' // The server refused it, could not be reached, or sends too much or too slowly.
  | 'TRUNCATED_DOWNLOAD' // The response broke off.
  | 'CHECKSUM_MISMATCH' // The download is not the one that the catalog names.
  | 'UNPACK_FAILED' // The packed file is damaged, or not packed in that way.
  | 'WRONG_FORMAT' // The disk is not of the format in the catalog.
  | 'UNSAFE_DISK' // The disk needs other files than itself, or a key.
  | 'CONVERSION_FAILED' // `qemu-img` could not read, convert, enlarge or check it.
  | 'MISSING_PROGRAM' // `qemu-img` or `xz` is not installed.
  | 'NO_SPACE' // It does not fit into the file system.
  | 'NOT_WRITABLE'; // A folder that downloads or disks are kept in can't be used.

/** Why one disk could not be made: `code  problem; remedy` in one line, ready to print. */
export class DiskError extends CodedError<DiskErrorCode> {
  override readonly name = 'DiskError';
}

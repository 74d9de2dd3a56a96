import { CodedError } from '../problem.ts';

/**
 * - `DOWNLOAD_FAILED`: the server refused it, or could not be reached.
 * - `TRUNCATED_DOWNLOAD`: the response broke off.
 * - `CHECKSUM_MISMATCH`: the download is not the one that the catalog names.
 * - `UNPACK_FAILED`: the packed file is damaged, or not packed in that way.
 * - `WRONG_FORMAT`: the disk is not of the format in the catalog.
 * - `UNSAFE_DISK`: the disk needs other files than itself, or a key.
 * - `CONVERSION_FAILED`: `qemu-img` could not read, convert, enlarge or check it.
 * - `MISSING_PROGRAM`: `qemu-img` or `xz` is not installed.
 * - `NO_SPACE`: it does not fit into the file system.
 * - `NOT_WRITABLE`: a folder that downloads or disks are kept in can't be used.
 */
export type DiskErrorCode =
  | 'DOWNLOAD_FAILED'
  | 'TRUNCATED_DOWNLOAD'
  | 'CHECKSUM_MISMATCH'
  | 'UNPACK_FAILED'
  | 'WRONG_FORMAT'
  | 'UNSAFE_DISK'
  | 'CONVERSION_FAILED'
  | 'MISSING_PROGRAM'
  | 'NO_SPACE'
  | 'NOT_WRITABLE';

/** Why one disk could not be made: `code  problem; remedy` in one line, ready to print. */
export class DiskError extends CodedError<DiskErrorCode> {
  override readonly name = 'DiskError';
}

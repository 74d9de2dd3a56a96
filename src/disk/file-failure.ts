import { DiskError } from './disk-error.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** A DiskError for what the file system refused; anything else as it is. */
export function fileFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DiskError) return error;
  if (!('syscall' in error) || !('code' in error) || typeof error.code !== 'string') return error;
  return FULL.has(error.code)
    ? new DiskError('NO_SPACE', error.message, 'make room on that file system', error)
    : new DiskError('NOT_WRITABLE', error.message, 'look at the folder and its permissions', error);
}

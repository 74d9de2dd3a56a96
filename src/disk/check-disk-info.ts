import { z } from 'zod';
import { DiskError } from './disk-error.ts';

/** What `qemu-img info --output=json` says of a disk, as far as it matters here (QEMU, `ImageInfo`). */
const DiskInfo = z.object({
  'virtual-size': z.int().nonnegative(),
  encrypted: z.boolean().optional(),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  'format-specific': z
    .object({
      data: z
        .object({
          'data-file': z.string().optional(),
          extents: z.array(z.object({ filename: z.string() })).optional(),
        })
        .optional(),
    })
    .optional(),
});

function parseInfo(json: string) {
  try {
    return DiskInfo.parse(JSON.parse(json));
  } catch (cause) {
    const problem = '`qemu-img info` said something else than what a disk is';
    throw new DiskError('CONVERSION_FAILED', problem, 'update qemu-utils', cause);
  }
}

/**
 * Refuses a disk that is encrypted, or of which `qemu-img` says that it refers to other files than
 * itself at `file`. Returns its virtual size in bytes. Throws a DiskError.
 */
export function checkDiskInfo(json: string, file: string): number {
  const info = parseInfo(json);
  const { extents = [], ...data } = info['format-specific']?.data ?? {};
  const others = [
    info['backing-filename'],
    info['full-backing-filename'],
    data['data-file'],
    ...extents.map(({ filename }) => filename),
  ].filter((name) => name !== undefined && name !== file);
  if (others.length > 0 || info.encrypted === true) {
    const reason = others.length > 0 ? 'it needs other files than itself' : 'it is encrypted';
    throw new DiskError('UNSAFE_DISK', reason, 'take a disk that is complete in one file');
  }
  return info['virtual-size'];
}

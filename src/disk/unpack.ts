import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiskError } from './disk-error.ts';
import { requireSpace } from './require-space.ts';
import { runProgram } from './run-program.ts';
import type { World } from './world.ts';

/**
 * Writes what is packed in `packed`, with xz, to the new file `target`. Holes stay holes. Throws a
 * DiskError.
 */
export async function unpack(packed: string, target: string, world: World): Promise<void> {
  const options = { signal: world.signal, failsWith: 'UNPACK_FAILED' } as const;
  const listing = await runProgram('xz', ['--robot', '--list', '--', packed], options);
  await requireSpace(dirname(target), unpackedSize(listing), 'unpack it', world);
  await using file = await open(target, 'wx');
  const args = ['--decompress', '--stdout', '--', packed];
  await runProgram('xz', args, { ...options, output: file.fd });
}

/** The fourth column of the totals (xz(1), "ROBOT MODE"). */
function unpackedSize(listing: string): number {
  const size = Number(/^totals(?:\t[^\t]*){3}\t(\d+)/m.exec(listing)?.[1]);
  if (Number.isNaN(size)) {
    throw new DiskError('UNPACK_FAILED', 'xz does not say how large it is', 'use xz 5.2 or later');
  }
  return size;
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseChecksum, type Checksum, type ChecksumAlgorithm } from '../catalog/image.ts';

const PIECE_BYTES = 1024 * 1024;

/** The checksum of a file's content. */
export async function hashFile(
  file: string,
  algorithm: ChecksumAlgorithm,
  signal?: AbortSignal,
): Promise<Checksum | undefined> {
  const hash = createHash(algorithm);
  const content = createReadStream(file, { highWaterMark: PIECE_BYTES });
  await pipeline(content, hash, signal === undefined ? {} : { signal });
  return parseChecksum(`${algorithm}:${hash.digest('hex')}`);
}

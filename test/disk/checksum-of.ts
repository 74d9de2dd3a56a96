import { createHash } from 'node:crypto';
import { parseChecksum, type Checksum, type ChecksumAlgorithm } from '../../src/catalog/image.ts';

/** The checksum of a content. */
export function checksumOf(
  content: string | Uint8Array,
  algorithm: ChecksumAlgorithm = 'sha256',
): Checksum {
  const text = `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
  const checksum = parseChecksum(text);
  if (checksum === undefined) throw new Error(`${text} is no checksum`);
  return checksum;
}

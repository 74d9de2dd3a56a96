import { parseDigest, parseRepository, parseTag } from '../image-reference.ts';
import type { AllowEntry } from './retention.ts';

/**
 * Parses `image`, `image:tag` or `image@digest`; `undefined` for anything else. The image is a name of
 * the catalog: one with a registry or a path before it would match nothing, and so protect nothing.
 */
export function parseAllowEntry(text: string): AllowEntry | undefined {
  const [, image = '', mark, version = ''] = /^([^:@]+)(?:([:@])(.*))?$/.exec(text) ?? [];
  if (image.includes('/') || parseRepository(image) === undefined) return undefined;
  if (mark === undefined) return { image };
  if (mark === ':') {
    const tag = parseTag(version);
    return tag && { image, tag };
  }
  const digest = parseDigest(version);
  return digest && { image, digest };
}

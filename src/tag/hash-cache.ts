import type { ParsedRules } from './dockerignore.ts';
import type { ContextListing } from './list-context.ts';
import { createHash } from 'node:crypto';

/** What was hashed already; good for one tree that doesn't change meanwhile. */
export interface HashCache {
  /** Content hash by path in the checkout. */
  readonly files: Map<string, string>;
  /** Ignore rules by the file that they are in. */
  readonly rules: Map<string, ParsedRules>;
  /** Context listings by context and ignore file. */
  readonly listings: Map<string, ContextListing>;
  /** Context hashes by context, ignore file and Dockerfile. */
  readonly contexts: Map<string, string>;
}

export function emptyHashCache(): HashCache {
  return { files: new Map(), rules: new Map(), listings: new Map(), contexts: new Map() };
}

/** The map's value, computed when it is not there yet. */
export function remember<Value>(map: Map<string, Value>, key: string, compute: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = compute();
  map.set(key, value);
  return value;
}

/** SHA-256 of the parts one after the other, as 64 hexadecimal digits; text counts as UTF-8. */
export function sha256(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

import type { Digest } from '../../src/image-reference.ts';
import { Broken } from './broken.ts';
import type { Use, World } from './world.ts';

interface NeededBy {
  readonly branch: string;
  readonly use: Use;
  readonly digest: Digest | undefined;
}

/** After a run that has read the registry, tags of the catalog and of needs name what they named first. */
export function requirePutBack(
  { branch, use: { image, version }, digest }: NeededBy,
  { registry, names }: World,
): void {
  if (digest === undefined || !registry.has(image, digest) || version.startsWith('@')) return;
  const named = registry.named(image, version === '' ? branch : version.slice(1));
  if (named === digest) return;
  const what = version === '' ? `pin of ${branch} at` : 'immutable tag of';
  const other = named === undefined ? 'nothing' : names.get(named);
  throw new Broken(`the ${what} ${names.get(digest)} names ${other} after a run`);
}

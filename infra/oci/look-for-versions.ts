import type { Digest, Tag } from '../../src/image-reference.ts';
import type { Repository } from '../../src/image-reference.ts';
import type { Memory, RememberedVersion } from '../../src/branches/memory.ts';
import { keyOf } from '../../src/branches/version-needs.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { inTurns } from './in-turns.ts';

const LATEST = 'latest' as Tag;

type PathOf = (image: string) => Repository;

/**
 * Asks the registry for the versions that are not known yet: `keyOf` → digest, of those that it has. A
 * branch that names the image alone is pinned to what its alias names, or what `latest` does now.
 */
export async function lookForVersions(
  { versions }: Memory,
  client: RegistryClient,
  pathOf: PathOf,
): Promise<ReadonlyMap<string, Digest>> {
  const unknown = versions.filter(({ digest }) => digest === undefined);
  const answers = await inTurns(unknown, async (need) => {
    for (const reference of need.tag === undefined ? [need.alias, LATEST] : [need.tag]) {
      const found = await client.headManifest(pathOf(need.image), reference);
      if (found !== undefined) return [[keyOf(need), found.digest] as const];
    }
    return [];
  });
  return new Map(answers.flat());
}

/**
 * The versions (`keyOf`) that are remembered and not there any more: a tag that names another digest
 * (built again after it had vanished, or moved by hand), or a pin that can't be pulled.
 */
export async function staleVersions(
  { versions }: Memory,
  client: RegistryClient,
  pathOf: PathOf,
): Promise<ReadonlySet<string>> {
  const known = versions.filter(
    (version): version is RememberedVersion & { digest: Digest } => version.digest !== undefined,
  );
  const stale = await inTurns(known, async (version) => {
    const { image, tag, digest } = version;
    const found = await client.headManifest(pathOf(image), tag ?? digest);
    return found?.digest === digest ? [] : [keyOf(version)];
  });
  return new Set(stale.flat());
}

import type { Repository } from '../../src/image-reference.ts';
import { markedAt } from '../../src/branches/grace-marker.ts';
import type { UnreferencedVersion } from '../../src/branches/memory.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { inTurns } from './in-turns.ts';

/**
 * What the marker tags in the registry remember, for a state that doesn't: one request an image, and one
 * more a marker. Of several markers at a version the newest counts.
 */
export async function restoreUnreferenced(
  client: RegistryClient,
  images: readonly { readonly image: string; readonly path: Repository }[],
): Promise<UnreferencedVersion[]> {
  const found = await inTurns(images, async ({ image, path }) => {
    const tags = (await client.listTags(path)) ?? [];
    const marked = tags
      .flatMap((tag) => ({ tag, since: markedAt(tag)?.toISOString() }))
      .sort((a, b) => ((a.since ?? '') < (b.since ?? '') ? -1 : 1));
    const versions = new Map<string, UnreferencedVersion>();
    for (const { tag, since } of marked) {
      if (since === undefined) continue;
      const digest = (await client.headManifest(path, tag))?.digest;
      if (digest !== undefined) versions.set(digest, { image, digest, since });
    }
    return [...versions.values()];
  });
  return found.flat();
}

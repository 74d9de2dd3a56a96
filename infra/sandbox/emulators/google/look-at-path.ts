import type { Digest, Repository as Path } from '../../../../src/image-reference.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';
import { readFacts, type ManifestFacts, type Sighting } from './sighting.ts';

/** What there is at one path of the registry. */
export interface Look {
  readonly path: Path;
  readonly held: ReadonlyMap<Digest, ManifestFacts>;
  readonly tags: ReadonlyMap<Digest, readonly string[]>;
  /** Those of `held` that were not known before, in the order of their upload. */
  readonly fresh: readonly Digest[];
}

/**
 * Looks for every manifest at `path` that can be found: those with tags, those that an index refers
 * to, and those of `known` that still exist.
 */
export async function lookAt(
  client: RegistryClient,
  path: Path,
  known: Readonly<Record<string, Sighting>>,
): Promise<Look> {
  const tags = await readTags(client, path);
  const held = new Map<Digest, ManifestFacts>();
  const fresh: Digest[] = [];

  async function visit(digest: Digest): Promise<void> {
    if (held.has(digest)) return;
    const before = known[digest];
    if (before !== undefined) {
      const exists = tags.has(digest) || (await client.headManifest(path, digest)) !== undefined;
      if (exists) held.set(digest, factsOf(before));
      return;
    }
    const manifest = await client.getManifest(path, digest);
    if (manifest === undefined) return;
    const facts = await readFacts(client, path, manifest);
    // A client pushes what an index refers to before the index.
    for (const child of facts.children) await visit(child);
    held.set(digest, facts);
    fresh.push(digest);
  }

  for (const digest of [...Object.keys(known), ...tags.keys()]) await visit(digest as Digest);
  return { path, held, tags, fresh };
}

async function readTags(client: RegistryClient, path: Path): Promise<Map<Digest, string[]>> {
  const tags = new Map<Digest, string[]>();
  for (const tag of ((await client.listTags(path)) ?? []).sort()) {
    const found = await client.headManifest(path, tag);
    if (found === undefined) continue;
    tags.set(found.digest, [...(tags.get(found.digest) ?? []), tag]);
  }
  return tags;
}

function factsOf({ mediaType, sizeBytes, buildTime, children }: Sighting): ManifestFacts {
  return { mediaType, sizeBytes, children, ...(buildTime !== undefined && { buildTime }) };
}

import { z } from 'zod';
import {
  parseDigest,
  type Digest,
  type Repository as Path,
} from '../../../../src/image-reference.ts';
import { parseJson } from '../../../../src/json.ts';
import type { Manifest } from '../../../../src/registry/manifest.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';

/** A manifest that was seen in the registry, and when. Times are RFC 3339. */
export const Sighting = z.object({
  mediaType: z.string(),
  /** Compressed size of layers and configuration; that of the manifest itself for an index. */
  sizeBytes: z.number(),
  /** The digests of the manifests that an index refers to. */
  children: z.array(z.custom<Digest>((text) => parseDigest(String(text)) !== undefined)),
  /** When it was first seen. */
  uploadTime: z.string(),
  /** When it was first seen with these tags. */
  updateTime: z.string(),
  tags: z.array(z.string()),
});
export type Sighting = z.infer<typeof Sighting>;

/** By digest. */
export type Sightings = Readonly<Record<string, Sighting>>;

/** Everything that a manifest itself says, which never changes. */
type ManifestFacts = Pick<Sighting, 'mediaType' | 'sizeBytes' | 'children'>;

/** Everything that there is at one path of the registry. */
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
export async function lookAt(client: RegistryClient, path: Path, known: Sightings): Promise<Look> {
  const tags = await readTags(client, path);
  const held = new Map<Digest, ManifestFacts>();
  const fresh: Digest[] = [];

  async function visit(digest: Digest): Promise<void> {
    if (held.has(digest)) return;
    const before = known[digest];
    if (before !== undefined) {
      const exists = tags.has(digest) || (await client.headManifest(path, digest)) !== undefined;
      if (exists) held.set(digest, before);
      return;
    }
    const manifest = await client.getManifest(path, digest);
    if (manifest === undefined) return;
    const facts = readFacts(manifest);
    // A client pushes everything that an index refers to before the index.
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

// Lenient: artifacts of all kinds are pushed to registries.
const Descriptor = z.object({ digest: z.string(), size: z.number().default(0) });
const ManifestContent = z.object({
  manifests: z.array(Descriptor).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
});

function readFacts({ bytes, mediaType }: Manifest): ManifestFacts {
  const { manifests, config, layers = [] } = ManifestContent.catch({}).parse(parseJson(bytes));
  if (manifests !== undefined) {
    const children = manifests.map(({ digest }) => parseDigest(digest));
    const known = children.filter((digest) => digest !== undefined);
    return { mediaType, sizeBytes: bytes.byteLength, children: known };
  }
  const parts = config === undefined ? layers : [config, ...layers];
  return { mediaType, sizeBytes: parts.reduce((sum, { size }) => sum + size, 0), children: [] };
}

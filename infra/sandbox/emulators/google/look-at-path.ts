import { z } from 'zod';
import {
  parseDigest,
  type Digest,
  type Repository as Path,
} from '../../../../src/image-reference.ts';
import { parseJson } from '../../../../src/json.ts';
import type { Manifest } from '../../../../src/registry/manifest.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';

/** A manifest that was seen in the registry. */
export const Sighting = z.object({
  mediaType: z.string(),
  /** Compressed size of layers and configuration; that of the manifest itself for an index. */
  sizeBytes: z.number(),
  /** The digests of the manifests that an index refers to. */
  children: z.array(z.custom<Digest>((text) => parseDigest(String(text)) !== undefined)),
  /** When it was first seen, in RFC 3339. */
  uploadTime: z.string(),
});
type Sighting = z.infer<typeof Sighting>;

/** A manifest that is in the registry now; one that was not seen before has no time. */
export interface Found extends Omit<Sighting, 'uploadTime'> {
  readonly path: Path;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly uploadTime: string | undefined;
}

/**
 * Looks for every manifest at `path` that can be found: those with tags, those that an index refers
 * to, and those of `known` (by digest) that still exist; in the order of their upload.
 */
export async function lookAt(
  client: RegistryClient,
  path: Path,
  known: Readonly<Record<string, Sighting>>,
): Promise<readonly Found[]> {
  const tags = new Map<Digest, string[]>();
  for (const tag of ((await client.listTags(path)) ?? []).sort()) {
    const digest = (await client.headManifest(path, tag))?.digest;
    if (digest !== undefined) tags.set(digest, [...(tags.get(digest) ?? []), tag]);
  }
  const found = new Map<Digest, Found>();

  async function visit(digest: Digest): Promise<void> {
    if (found.has(digest)) return;
    const facts = await factsOf(digest);
    if (facts === undefined) return;
    // A client pushes everything that an index refers to before the index.
    for (const child of facts.children) await visit(child);
    found.set(digest, { ...facts, path, digest, tags: tags.get(digest) ?? [] });
  }

  async function factsOf(digest: Digest) {
    const before = known[digest];
    if (before === undefined) {
      const manifest = await client.getManifest(path, digest);
      return manifest && { ...readFacts(manifest), uploadTime: undefined };
    }
    const isThere = tags.has(digest) || (await client.headManifest(path, digest)) !== undefined;
    return isThere ? before : undefined;
  }

  for (const digest of [...Object.keys(known), ...tags.keys()]) await visit(digest as Digest);
  return [...found.values()];
}

// Lenient: artifacts of all kinds are pushed to registries.
const Descriptor = z.object({ digest: z.string(), size: z.number().default(0) });
const ManifestContent = z.object({
  manifests: z.array(Descriptor).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
});

function readFacts({ bytes, mediaType }: Manifest) {
  const { manifests, config, layers = [] } = ManifestContent.catch({}).parse(parseJson(bytes));
  if (manifests !== undefined) {
    const children = manifests.map(({ digest }) => parseDigest(digest));
    const known = children.filter((digest) => digest !== undefined);
    return { mediaType, sizeBytes: bytes.byteLength, children: known };
  }
  const parts = config === undefined ? layers : [config, ...layers];
  return { mediaType, sizeBytes: parts.reduce((sum, { size }) => sum + size, 0), children: [] };
}

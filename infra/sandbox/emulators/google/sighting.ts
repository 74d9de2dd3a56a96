import { parseJson } from '../../../../src/json.ts';
import { z } from 'zod';
import { parseDigest, type Digest, type Repository } from '../../../../src/image-reference.ts';
import type { Manifest } from '../../../../src/registry/manifest.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';

const DigestText = z.string().transform((text, context) => {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  context.addIssue('no digest');
  return z.NEVER;
});

/** A manifest that was seen in the registry, and when. Times are RFC 3339. */
export const Sighting = z.object({
  mediaType: z.string(),
  /** Compressed size of layers and configuration; that of the manifest itself for an index. */
  sizeBytes: z.number(),
  /** What the image's configuration says; absent where it says nothing. */
  buildTime: z.string().optional(),
  /** The manifests that an index refers to. */
  children: z.array(DigestText),
  /** When it was first seen. */
  uploadTime: z.string(),
  /** When it was first seen with these tags. */
  updateTime: z.string(),
  tags: z.array(z.string()),
});
export type Sighting = z.infer<typeof Sighting>;

/** What a manifest itself says, which never changes. */
export type ManifestFacts = Pick<Sighting, 'mediaType' | 'sizeBytes' | 'buildTime' | 'children'>;

// Lenient: artifacts of all kinds are pushed to registries.
const Descriptor = z.object({ digest: z.string(), size: z.number().default(0) });
const ManifestContent = z.object({
  manifests: z.array(Descriptor).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
});
const Configuration = z.object({ created: z.iso.datetime({ offset: true }) });

/** Reads what a manifest says about itself. */
export async function readFacts(
  client: RegistryClient,
  path: Repository,
  { bytes, mediaType }: Manifest,
): Promise<ManifestFacts> {
  const { manifests, config, layers = [] } = ManifestContent.catch({}).parse(parseJson(bytes));
  if (manifests !== undefined) {
    const children = manifests.map(({ digest }) => parseDigest(digest));
    return {
      mediaType,
      sizeBytes: bytes.byteLength,
      children: children.filter((digest) => digest !== undefined),
    };
  }
  const parts = config === undefined ? layers : [config, ...layers];
  const buildTime = await readBuildTime(client, path, parseDigest(config?.digest ?? ''));
  return {
    mediaType,
    sizeBytes: parts.reduce((sum, { size }) => sum + size, 0),
    children: [],
    ...(buildTime !== undefined && { buildTime }),
  };
}

async function readBuildTime(
  client: RegistryClient,
  path: Repository,
  configuration: Digest | undefined,
): Promise<string | undefined> {
  if (configuration === undefined) return undefined;
  const blob = await client.getBlob(path, configuration);
  return blob && Configuration.safeParse(parseJson(blob)).data?.created;
}

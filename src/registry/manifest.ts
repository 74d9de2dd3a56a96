import { createHash } from 'node:crypto';
import { type Digest, parseDigest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { z } from 'zod';
import { RegistryError } from './registry-error.ts';

/**
 * What a client must say it accepts, so that a registry answers with the manifest as it was pushed
 * and not with one it converted, whose digest is another one.
 */
export const MANIFEST_MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

/** In bytes. Registries refuse larger ones than 4 MiB (OCI distribution spec, "Pushing manifests"). */
export const LARGEST_MANIFEST = 5_000_000;

/** A manifest's name, kind and size in bytes, without its content. */
export interface ManifestDescriptor {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

/** A manifest as it was pushed, byte for byte; `digest` is that of `bytes`. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The digest that names `bytes`. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

interface BlobReader {
  getBlob(repository: Repository, digest: Digest): Promise<Uint8Array | undefined>;
}

/** OCI image spec, "Image Index" and "Image Configuration"; in the wild `variant` may be there and empty. */
const Platform = z
  .object({ os: z.string(), architecture: z.string(), variant: z.string().nullish() })
  .transform(({ os, architecture, variant }) =>
    [os, architecture, variant ?? ''].filter((part) => part !== '').join('/'),
  );

const Index = z.object({
  manifests: z.array(z.object({ platform: Platform.nullish() })),
  // A text that is both would be one thing to us and another to Docker (CVE-2021-41190).
  config: z.undefined().optional(),
  layers: z.undefined().optional(),
});

const ImageManifest = z.object({
  config: z.object({ digest: z.string() }),
  manifests: z.undefined().optional(),
});

/** What an index has beside images, such as attestations. */
const NO_PLATFORM = 'unknown/unknown';

/**
 * The platforms, as `os/architecture[/variant]`, of the images of an index, or of the one image that a
 * manifest is. Throws `REGISTRY_ANSWER` when it is neither.
 */
export async function manifestPlatforms(
  manifest: Manifest,
  repository: Repository,
  client: BlobReader,
): Promise<readonly string[]> {
  const content = parseJson(manifest.bytes);
  const index = Index.safeParse(content);
  if (index.success) {
    const platforms = index.data.manifests.flatMap(({ platform }) => platform ?? []);
    return [...new Set(platforms)].filter((platform) => platform !== NO_PLATFORM);
  }
  const digest = parseDigest(ImageManifest.safeParse(content).data?.config.digest ?? '');
  if (digest === undefined) throw noImage(manifest, repository, 'is no image, nor an index of any');
  const config = await client.getBlob(repository, digest);
  const platform = Platform.safeParse(config && parseJson(config));
  if (platform.success) return [platform.data];
  throw noImage(manifest, repository, 'does not say what platform it is for');
}

function noImage({ digest }: Manifest, repository: Repository, what: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `${repository}@${digest} ${what}`,
    'look at what was pushed there, or follow another tag',
  );
}

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

/** In the wild, `variant` may be there and empty. */
const Platform = z
  .object({ os: z.string(), architecture: z.string(), variant: z.string().nullish() })
  .transform(({ os, architecture, variant }) =>
    [os, architecture, variant ?? ''].filter((part) => part !== '').join('/'),
  );

/**
 * OCI image spec, "Image Index" and "Image Manifest". A text that is both would be one of them to us
 * and the other to Docker (CVE-2021-41190).
 */
const Content = z.union([
  z.object({
    manifests: z.array(z.object({ digest: z.string().optional(), platform: Platform.nullish() })),
    config: z.undefined().optional(),
    layers: z.undefined().optional(),
  }),
  z.object({
    config: z.object({ digest: z.string() }),
    layers: z.array(z.object({ digest: z.string() })).optional(),
    manifests: z.undefined().optional(),
  }),
]);

/** An index leads to images, and an image to its configuration and its layers, lowest first. */
export type ManifestContent = z.output<typeof Content>;

/** Reads a manifest or an index; `undefined` for anything else. */
export function readManifest(bytes: Uint8Array): ManifestContent | undefined {
  return Content.safeParse(parseJson(bytes)).data;
}

/** Entries of an index beside images, such as attestations. */
const NO_PLATFORM = 'unknown/unknown';

/**
 * The platforms, as `os/architecture[/variant]`, of the images of an index, or of the one image that a
 * manifest is. `getBlob` gets an image's configuration. Throws a RegistryError when it is neither.
 */
export async function manifestPlatforms(
  { digest, bytes }: Manifest,
  repository: Repository,
  { getBlob }: { getBlob: (from: Repository, digest: Digest) => Promise<Uint8Array | undefined> },
): Promise<readonly string[]> {
  const content = readManifest(bytes);
  if (content?.manifests !== undefined) {
    const platforms = content.manifests.flatMap(({ platform }) => platform ?? []);
    return [...new Set(platforms)].filter((platform) => platform !== NO_PLATFORM);
  }
  const configDigest = parseDigest(content?.config.digest ?? '');
  const config = configDigest && (await getBlob(repository, configDigest));
  const platform = Platform.safeParse(config && parseJson(config));
  if (platform.success) return [platform.data];
  const problem = configDigest ? 'has no platform' : 'is no image, nor an index of any';
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `${repository}@${digest} ${problem}`,
    'look at what was pushed there, or follow another tag',
  );
}

import { createHash } from 'node:crypto';
import { type Digest, parseDigest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { z } from 'zod';
import { RegistryError } from './registry-error.ts';

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** Accepted by a client, so that a registry sends a manifest as it was pushed. A converted one has another digest. */
export const MANIFEST_MEDIA_TYPES = [
  OCI_INDEX,
  OCI_MANIFEST,
  DOCKER_INDEX,
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

/** Bytes. Registries refuse larger ones than 4 MiB (OCI distribution spec, "Pushing manifests"). */
export const LARGEST_MANIFEST = 5_000_000;

/** A manifest as it was pushed, byte for byte; `digest` is that of `bytes`. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A manifest without its content; `size` is in bytes. */
export type ManifestDescriptor = Omit<Manifest, 'bytes'> & { readonly size: number };

/** A manifest as a listing of a repository has it. */
export interface ListedManifest {
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly mediaType: string;
  /** Absent where the listing lacks it. */
  readonly uploadedAt?: Date | undefined;
  /** What an index names; absent where the listing lacks it. */
  readonly members?: readonly Member[];
}

/** A manifest that an index names. */
export interface Member {
  readonly digest: Digest;
  /** `os/architecture[/variant]`; absent for what is no image, such as an attestation. */
  readonly platform: string | undefined;
}

export function isIndex({ mediaType }: Pick<Manifest, 'mediaType'>): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_INDEX;
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

const Blob = z.object({ digest: z.string().transform(parseDigest) });

/**
 * OCI image spec, "Image Index" and "Image Manifest". A text that is both could be read as
 * one of them here and as the other by Docker (CVE-2021-41190).
 */
const Content = z.union([
  z.object({
    manifests: z.array(
      z.object({
        digest: z.string().default('').transform(parseDigest),
        platform: Platform.nullish(),
      }),
    ),
    config: z.undefined().optional(),
    layers: z.undefined().optional(),
  }),
  z.object({
    config: Blob,
    layers: z.array(Blob).optional(),
    manifests: z.undefined().optional(),
  }),
]);

/**
 * Reads a manifest, which leads to a configuration and layers, lowest first, or an index, which leads to
 * manifests. `undefined` for anything else.
 */
export function parseManifest(bytes: Uint8Array): z.output<typeof Content> | undefined {
  return Content.safeParse(parseJson(bytes)).data;
}

export const DigestText = z.custom<Digest>((text) => parseDigest(String(text)) !== undefined);

const Descriptor = z.object({ digest: DigestText, size: z.number() });
const Blobs = z
  .object({ config: Descriptor, layers: z.array(Descriptor) })
  .transform(({ config, layers }) => [config, ...layers]);

/** Configuration and layers of an image, with their sizes in bytes; `undefined` for anything else. */
export function blobsOf(bytes: Uint8Array): z.output<typeof Blobs> | undefined {
  return Blobs.safeParse(parseJson(bytes)).data;
}

const Annotated = z.object({ annotations: z.record(z.string(), z.string()) });

/** OCI image spec, "Annotations" of an index; none of anything else. */
export function annotationsOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  return Annotated.safeParse(parseJson(bytes)).data?.annotations ?? {};
}

const Typed = z.object({ schemaVersion: z.number(), mediaType: z.string().min(1) }).partial();

/** The media type that a manifest has in itself, or by its shape; empty for anything else. */
export function mediaTypeOf(bytes: Uint8Array): string {
  const { schemaVersion, mediaType } = Typed.safeParse(parseJson(bytes)).data ?? {};
  if (schemaVersion === 1) return 'application/vnd.docker.distribution.manifest.v1+json';
  if (mediaType !== undefined) return mediaType;
  const content = parseManifest(bytes);
  if (content === undefined) return '';
  // Only OCI's formats may lack the field.
  return content.manifests === undefined ? OCI_MANIFEST : OCI_INDEX;
}

/** Entries of an index beside images, such as attestations. */
export const NO_PLATFORM = 'unknown/unknown';

interface ImageReader {
  readonly getManifest: (from: Repository, digest: Digest) => Promise<Manifest | undefined>;
  /** Gets an image's configuration. */
  readonly getBlob: (from: Repository, digest: Digest) => Promise<Uint8Array | undefined>;
}

interface PlatformImage {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly digest: Digest | undefined;
}

/** The platforms of the images that `imagesIn` finds, each once. */
export async function manifestPlatforms(
  manifest: Manifest,
  repository: Repository,
  client: ImageReader,
): Promise<readonly string[]> {
  const images = await imagesIn(manifest, repository, client);
  return [...new Set(images.map(({ platform }) => platform))];
}

/** The images of an index, or the one image that a manifest is. Throws a RegistryError when it is neither. */
export async function imagesIn(
  manifest: Manifest,
  repository: Repository,
  client: ImageReader,
): Promise<readonly PlatformImage[]> {
  const images = await findImages(manifest, repository, client);
  if (images !== undefined) return images;
  const isImage = parseManifest(manifest.bytes)?.config?.digest !== undefined;
  const problem = isImage ? 'has no platform' : 'is no image, nor an index of any';
  const remedy = 'look at what was pushed there, or follow another tag';
  throw new RegistryError('REGISTRY_ANSWER', `${repository}@${manifest.digest} ${problem}`, remedy);
}

async function findImages(
  { digest, bytes }: Manifest,
  repository: Repository,
  client: ImageReader,
): Promise<readonly PlatformImage[] | undefined> {
  const content = parseManifest(bytes);
  if (content?.manifests !== undefined) {
    const members = content.manifests.map(async ({ digest: named, platform }) => {
      if (platform) return platform === NO_PLATFORM ? [] : [{ platform, digest: named }];
      // Builders look into an image, and an index in the index, whose platform it does not state.
      const member = named && (await client.getManifest(repository, named));
      return (member && (await findImages(member, repository, client))) ?? [];
    });
    return (await Promise.all(members)).flat();
  }
  const configDigest = content?.config.digest;
  const config = configDigest && (await client.getBlob(repository, configDigest));
  const platform = Platform.safeParse(config && parseJson(config)).data;
  return platform === undefined ? undefined : [{ platform, digest }];
}

import pLimit from 'p-limit';
import { z } from 'zod';
import { formatImageReference, parseDigest, type Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { normalPlatform } from '../platforms.ts';
import type { RepositoryPlace } from './copy-image.ts';
import { imagesIn, isIndex, type Manifest } from './manifest.ts';
import { findManifest, type RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** An image for one platform, in a registry of others. */
interface SourceImage {
  readonly platform: string;
  readonly digest: Digest;
  /** The attestations of it that its index names. */
  readonly attestations: readonly Digest[];
}

/** Requests at a time: an index may name thousands of attestations. */
const AT_ONCE = 8;

/**
 * The images for these platforms of what a digest names, an index or one image, checked to be images of which every
 * registry may have a copy. Throws a RegistryError.
 */
export async function readSource(
  place: RepositoryPlace,
  digest: Digest,
  platforms: readonly string[],
): Promise<readonly SourceImage[]> {
  const manifest = await readManifest(place, digest);
  const members = await imagesOf(place, manifest);
  const lacking = platforms.filter((platform) => members[platform] === undefined);
  if (lacking.length > 0) {
    throw new RegistryError(
      'PLATFORM_MISSING',
      `${nameOf(place, digest)} has no image for ${lacking.join(', ')} (only: ${Object.keys(members).join(', ') || 'none'})`,
      'pin an index that has all platforms of the copy, or leave the platform out of its `platforms`',
    );
  }
  const images = new Set(Object.values(members));
  const attestations = isIndex(manifest)
    ? attestationsIn(manifest).filter((one) => !images.has(one.digest))
    : [];
  return Promise.all(
    platforms.flatMap((platform) => {
      const member = members[platform];
      if (member === undefined) return [];
      return [readImage(place, { platform, digest: member }, manifest, attestations)];
    }),
  );
}

async function readImage(
  place: RepositoryPlace,
  image: Omit<SourceImage, 'attestations'>,
  manifest: Manifest,
  all: readonly Attestation[],
): Promise<SourceImage> {
  const { digest } = image;
  expectImage(place, digest === manifest.digest ? manifest : await readManifest(place, digest));
  const own = all.filter(({ of }) => of === digest).map((each) => each.digest);
  // An index may name what somebody has deleted.
  const { client, repository } = place;
  const there = await pLimit(AT_ONCE).map(own, (each) => findManifest(client, repository, each));
  return { ...image, attestations: own.filter((_, at) => there[at] !== undefined) };
}

async function readManifest(place: RepositoryPlace, digest: Digest): Promise<Manifest> {
  const manifest = await place.client.getManifest(place.repository, digest);
  if (manifest !== undefined) return manifest;
  throw new RegistryError(
    'MANIFEST_MISSING',
    `${nameOf(place, digest)} is not there, so it can't be copied`,
    'check `from`: `images refresh` writes the digest that its tag names now',
  );
}

/**
 * Platform → digest: the images of an index, or the one image that a manifest is. Of several for a platform it is the
 * first, as engines choose. Throws a RegistryError.
 */
export async function imagesOf(
  { client, repository }: Pick<RepositoryPlace, 'repository'> & ImageClient,
  manifest: Manifest,
): Promise<Readonly<Record<string, Digest>>> {
  const images = new Map<string, Digest>();
  for (const { platform, digest } of await imagesIn(manifest, repository, client)) {
    const name = normalPlatform(platform);
    if (digest !== undefined && !images.has(name)) images.set(name, digest);
  }
  return Object.fromEntries(images);
}

interface ImageClient {
  readonly client: Pick<RegistryClient, 'getManifest' | 'getBlob'>;
}

interface Attestation {
  readonly digest: Digest;
  readonly of: string;
}

/** As BuildKit marks them. */
const Index = z.object({
  manifests: z.array(
    z.object({
      digest: z.string().transform(parseDigest),
      annotations: z.object({ 'vnd.docker.reference.digest': z.string().optional() }).nullish(),
    }),
  ),
});

function attestationsIn({ bytes }: Manifest): readonly Attestation[] {
  const entries = Index.safeParse(parseJson(bytes)).data?.manifests ?? [];
  return entries.flatMap(({ digest, annotations }) => {
    const of = annotations?.['vnd.docker.reference.digest'];
    return digest === undefined || of === undefined ? [] : [{ digest, of }];
  });
}

/** OCI image spec, "Image Manifest", and Docker's manifest, version 2. What is an index as well could be read as that. */
const Image = z.object({
  manifests: z.undefined().optional(),
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }),
  layers: z.array(
    z.object({ mediaType: z.string(), digest: z.string(), urls: z.array(z.string()).nullish() }),
  ),
});

const CONFIGURATIONS = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** A layer that is elsewhere, and that its licence may forbid to copy (OCI image spec, "Non-Distributable Layers"). */
const FOREIGN = /\.foreign\.|\.nondistributable\./;

function expectImage(place: RepositoryPlace, { digest, bytes }: Manifest): void {
  const image = Image.safeParse(parseJson(bytes)).data;
  const type = image?.artifactType ?? image?.config.mediaType ?? 'a manifest of another format';
  if (image?.artifactType !== undefined || !CONFIGURATIONS.includes(type)) {
    throw unsupported(place, digest, `is no image: ${type}`);
  }
  const foreign = image?.layers.find((one) => FOREIGN.test(one.mediaType) || one.urls?.length);
  if (foreign === undefined) return;
  throw unsupported(place, digest, `has a foreign layer, ${foreign.digest}: ${foreign.mediaType}`);
}

function unsupported(place: RepositoryPlace, digest: Digest, problem: string): RegistryError {
  return new RegistryError(
    'IMAGE_UNSUPPORTED',
    `${nameOf(place, digest)} ${problem}`,
    'copy an image whose layers are all in its registry, or take the entry out of the catalog',
  );
}

function nameOf({ registry, repository }: RepositoryPlace, digest: Digest): string {
  return formatImageReference({ registry, repository, digest });
}

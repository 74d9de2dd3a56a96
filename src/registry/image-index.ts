import { byKey, compareTexts } from '../compare-texts.ts';
import type { Digest, Repository, Tag } from '../image-reference.ts';
import {
  annotationsOf,
  digestOf,
  isIndex,
  NO_PLATFORM,
  OCI_INDEX,
  parseManifest,
  type Manifest,
  type ManifestDescriptor,
} from './manifest.ts';
import { normalPlatform } from '../platforms.ts';
import { findManifest, type RegistryClient } from './registry-client.ts';

/** What an index says of an image for one platform. */
export interface IndexMember {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly descriptor: ManifestDescriptor;
}

/** An attestation manifest, and the image of the index that it is about. */
export interface IndexAttestation {
  readonly image: IndexMember;
  readonly descriptor: ManifestDescriptor;
}

/**
 * Makes an index of images for different platforms (OCI image spec, "Image Index"), and of their attestations as BuildKit
 * marks them. The same members and annotations give the same bytes, in whatever order they come.
 */
export function composeIndex(
  members: readonly IndexMember[],
  annotations: Readonly<Record<string, string>>,
  attestations: readonly IndexAttestation[] = [],
): Manifest {
  const images = members
    .toSorted((a, b) => compareTexts(a.platform, b.platform))
    .map(({ platform, descriptor: { mediaType, digest, size } }) => {
      const [os, architecture, variant] = platform.split('/');
      return { mediaType, digest, size, platform: { architecture, os, variant } };
    });
  const attested = attestations
    .toSorted((a, b) => compareTexts(a.image.platform, b.image.platform))
    .map(({ image, descriptor: { mediaType, digest, size } }) => ({
      mediaType,
      digest,
      size,
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: {
        'vnd.docker.reference.digest': image.descriptor.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
    }));
  const manifests = [...images, ...attested];
  const sorted = Object.fromEntries(Object.entries(annotations).toSorted(byKey));
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests, annotations: sorted };
  const bytes = Buffer.from(JSON.stringify(index));
  return { mediaType: OCI_INDEX, bytes, digest: digestOf(bytes) };
}

/**
 * The images of an index by platform, without attestations; `undefined` for what is no index. Of several for a platform
 * it is the first, as engines choose.
 */
export function membersOf(bytes: Uint8Array): Readonly<Record<string, Digest>> | undefined {
  const manifests = parseManifest(bytes)?.manifests;
  if (manifests === undefined) return undefined;
  const members = new Map<string, Digest>();
  for (const { digest, platform } of manifests) {
    if (digest === undefined || !platform || platform === NO_PLATFORM) continue;
    const name = normalPlatform(platform);
    if (!members.has(name)) members.set(name, digest);
  }
  return Object.fromEntries(members);
}

/** What a reference names. */
interface Found {
  readonly digest: Digest;
  /** Platform → digest of an index; absent for any other manifest. */
  readonly members?: Readonly<Record<string, Digest>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Looks a manifest up, and believes that it is missing as `findManifest` does. An index without one of its images can't
 * be pulled for that platform: it counts as missing.
 */
export async function findWhole(
  client: Pick<RegistryClient, 'headManifest' | 'getManifest'>,
  repository: Repository,
  reference: Tag | Digest,
): Promise<Found | undefined> {
  // GET first: it has the members of an index.
  const manifest = await client.getManifest(repository, reference);
  const found = manifest ?? (await client.headManifest(repository, reference));
  if (found === undefined || !isIndex(found)) return found && { digest: found.digest };
  const { digest } = found;
  const { bytes } = manifest ?? (await client.getManifest(repository, digest)) ?? {};
  const members = bytes && membersOf(bytes);
  if (bytes === undefined || members === undefined) return { digest };
  const images = await Promise.all(
    Object.values(members).map((member) => findManifest(client, repository, member)),
  );
  if (images.includes(undefined)) return undefined;
  return { digest, members, annotations: annotationsOf(bytes) };
}

/**
 * Whether a reference still names what `findWhole` has found, without reading it again. "No" may be false: one response
 * does not say that anything is missing.
 */
export async function isStillWhole(
  client: Pick<RegistryClient, 'headManifest'>,
  repository: Repository,
  reference: Tag | Digest,
  { digest, members = {} }: Found,
): Promise<boolean> {
  const found = await client.headManifest(repository, reference);
  const images = Object.values(members).filter((member) => member !== digest);
  if (found?.digest !== digest || isIndex(found) !== images.length > 0) return false;
  const heads = await Promise.all(images.map((image) => client.headManifest(repository, image)));
  return !heads.includes(undefined);
}

import { parseDigest, type Digest, type Repository } from '../image-reference.ts';
import { digestOf, parseManifest, type Manifest, type ManifestDescriptor } from './manifest.ts';
import { isIndex } from './read-owners.ts';
import { findManifest, type RegistryClient } from './registry-client.ts';

const MEDIA_TYPE = 'application/vnd.oci.image.index.v1+json';

/** What an index says of an image for one platform. */
export interface IndexMember {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly descriptor: ManifestDescriptor;
}

/**
 * Makes an index of images for different platforms (OCI image spec, "Image Index"). The same members and annotations
 * give the same bytes, in whatever order they come.
 */
export function composeIndex(
  members: readonly IndexMember[],
  annotations: Readonly<Record<string, string>>,
): Manifest {
  const manifests = members
    .toSorted((a, b) => compare(a.platform, b.platform))
    .map(({ platform, descriptor: { mediaType, digest, size } }) => {
      const [os, architecture, variant] = platform.split('/');
      return { mediaType, digest, size, platform: { architecture, os, variant } };
    });
  const sorted = Object.fromEntries(
    Object.entries(annotations).toSorted(([a], [b]) => compare(a, b)),
  );
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE, manifests, annotations: sorted };
  const bytes = Buffer.from(JSON.stringify(index));
  return { mediaType: MEDIA_TYPE, bytes, digest: digestOf(bytes) };
}

/** By code units: a locale's order would differ between machines. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Variants that a platform has where none is named (containerd, "platforms"). */
const IMPLIED = /(?<=^linux\/(?:amd64|arm64))\/(?:v1|v8)$/;

/** The images of an index by platform, without attestations; `undefined` for what is no index. */
export function membersOf(bytes: Uint8Array): Readonly<Record<string, Digest>> | undefined {
  const manifests = parseManifest(bytes)?.manifests;
  const members = manifests?.flatMap(({ digest = '', platform }) => {
    const member = parseDigest(digest);
    if (member === undefined || !platform || platform === 'unknown/unknown') return [];
    return [[platform.replace(IMPLIED, ''), member] as const];
  });
  return members && Object.fromEntries(members);
}

/**
 * Looks a manifest up, as `findManifest` does. An index without one of its images can't be pulled for that platform:
 * it counts as missing.
 */
export async function findWhole(
  client: Pick<RegistryClient, 'headManifest' | 'getManifest'>,
  repository: Repository,
  reference: Parameters<RegistryClient['headManifest']>[1],
): Promise<
  { readonly digest: Digest; readonly members?: Readonly<Record<string, Digest>> } | undefined
> {
  const found = await findManifest(client, repository, reference);
  if (found === undefined || !isIndex(found)) return found && { digest: found.digest };
  const { digest } = found;
  const members = membersOf((await client.getManifest(repository, digest))?.bytes ?? Buffer.of());
  if (members === undefined) return { digest };
  const images = await Promise.all(
    Object.values(members).map((member) => findManifest(client, repository, member)),
  );
  return images.includes(undefined) ? undefined : { digest, members };
}

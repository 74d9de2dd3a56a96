import pLimit from 'p-limit';
import { parseRepository, type Digest, type Repository } from '../image-reference.ts';
import { blobsOf } from '../registry/manifest.ts';
import { readOwners } from '../registry/read-owners.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import type { ListedImage } from './repository-responses.ts';

type Client = Pick<RegistryClient, 'getManifest'>;

const AT_ONCE = 8;

/**
 * The versions of an Artifact Registry repository below `prefix`, each with those that it belongs to. Throws a
 * RegistryError for an index that can't be read: a forecast would otherwise have its members deleted.
 */
export async function readInventory(
  images: readonly ListedImage[],
  client: Client,
  prefix: Repository,
): Promise<readonly HeldVersion[]> {
  const versions: HeldVersion[] = [];
  for (const [packageName, listed] of Map.groupBy(images, ({ image }) => image)) {
    const repository = parseRepository(`${prefix}/${packageName}`);
    const owned =
      repository === undefined
        ? listed
        : await withBlobs(await readOwners(listed, repository, client), repository, client);
    versions.push(...owned.map((version) => ({ packageName, ...version })));
  }
  return versions;
}

/** Adds the blobs of the images of each index with several: the size of the index counts shared blobs once. */
async function withBlobs<Version extends Pick<HeldVersion, 'digest' | 'members'>>(
  versions: readonly Version[],
  repository: Repository,
  client: Client,
) {
  const several = versions.flatMap(({ members = [] }) => {
    const images = members.filter(({ platform }) => platform !== undefined);
    return images.length > 1 ? images : [];
  });
  const wanted = new Set(several.map(({ digest }) => digest));
  const read = async ({ digest }: { readonly digest: Digest }) => {
    const manifest = await client.getManifest(repository, digest);
    return [digest, manifest && blobsOf(manifest.bytes)] as const;
  };
  const members = versions.filter(({ digest }) => wanted.has(digest));
  const byDigest = new Map(await pLimit(AT_ONCE).map(members, read));
  return versions.map((version) => ({ ...version, blobs: byDigest.get(version.digest) }));
}

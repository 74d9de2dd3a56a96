import pLimit from 'p-limit';
import { parseDigest, parseRepository, type Digest, type Repository } from '../image-reference.ts';
import { parseManifest } from '../registry/manifest.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import type { ListedImage } from './repository-responses.ts';

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const AT_ONCE = 8;

/**
 * The versions of an Artifact Registry repository, each with the indexes that refer to it and must be
 * deleted before it. An index whose parts the listing lacks is read, below `prefix`. Throws a RegistryError
 * for one that can't be read: a forecast would otherwise have its parts deleted.
 */
export async function readInventory(
  images: readonly ListedImage[],
  client: Pick<RegistryClient, 'getManifest'>,
  prefix: Repository,
): Promise<readonly HeldVersion[]> {
  const limit = pLimit(AT_ONCE);
  const indexes = images.filter(({ mediaType }) => INDEXES.includes(mediaType));
  const parts = await Promise.all(
    indexes.map(async (index) => {
      const digests = await limit(() => partsOf(index, client, prefix));
      return digests.map((digest) => ({ part: `${index.image}@${digest}`, index: index.digest }));
    }),
  );
  const indexesOf = Map.groupBy(parts.flat(), ({ part }) => part);
  return images.map(({ image, digest, tags, uploadedAt, sizeBytes }) => {
    const indexes = indexesOf.get(`${image}@${digest}`)?.map(({ index }) => index);
    return { packageName: image, digest, tags, uploadedAt, sizeBytes, indexes };
  });
}

async function partsOf(
  { image, digest, parts }: ListedImage,
  client: Pick<RegistryClient, 'getManifest'>,
  prefix: Repository,
): Promise<readonly Digest[]> {
  if (parts !== undefined) return parts;
  const repository = parseRepository(`${prefix}/${image}`);
  if (repository === undefined) return [];
  // It may have been deleted since the listing.
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return [];
  const named = parseManifest(manifest.bytes)?.manifests;
  if (named !== undefined) return named.flatMap((part) => parseDigest(part.digest ?? '') ?? []);
  const problem = `the index ${repository}@${digest} does not name its parts`;
  const remedy = 'look at what was pushed there, and delete it if nobody needs it';
  throw new RegistryError('REGISTRY_ANSWER', problem, remedy);
}

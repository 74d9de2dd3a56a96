import { parseJson } from '../json.ts';
import pLimit from 'p-limit';
import { z } from 'zod';
import { parseDigest, parseRepository, type Digest, type Repository } from '../image-reference.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { ListedImage } from './repository-responses.ts';

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const AT_ONCE = 8;

const Index = z.object({ manifests: z.array(z.object({ digest: z.string() })) });

/**
 * The versions of the registry, each with the indexes that refer to it, and that must be deleted before
 * it. Where the listing has no parts of an index, the index itself is read, below `prefix`. An index that
 * can't be read is an error: a forecast would otherwise have its parts deleted.
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
  return images.map(({ image, digest, tags, uploadedAt, sizeBytes }) => ({
    packageName: image,
    digest,
    tags,
    uploadedAt,
    sizeBytes,
    indexes: indexesOf.get(`${image}@${digest}`)?.map(({ index }) => index),
  }));
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
  const index = Index.safeParse(parseJson(manifest.bytes));
  if (index.success) return index.data.manifests.flatMap((part) => parseDigest(part.digest) ?? []);
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `the index ${repository}@${digest} does not name its parts`,
    'look at what was pushed there, and delete it if nobody needs it',
  );
}

import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseDigest, parseRepository, type Digest, type Repository } from '../image-reference.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { ListedImage } from './repository-answers.ts';

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const AT_ONCE = 8;

const Index = z.object({ manifests: z.array(z.object({ digest: z.string() })) });

/**
 * What the registry holds, with the indexes that refer to each version, which can't be deleted before
 * them. Where the listing does not say what an index refers to, the index itself is read, below
 * `prefix`; one that can't be read is an error, since its parts would be taken to go.
 */
export async function readInventory(
  images: readonly ListedImage[],
  client: Pick<RegistryClient, 'getManifest'>,
  prefix: Repository,
): Promise<readonly HeldVersion[]> {
  const indexes = images.filter(({ mediaType }) => INDEXES.includes(mediaType));
  const indexesOf = new Map<string, Digest[]>();
  for (let start = 0; start < indexes.length; start += AT_ONCE) {
    const some = indexes.slice(start, start + AT_ONCE);
    const parts = await Promise.all(some.map((index) => partsOf(index, client, prefix)));
    some.forEach(({ image, digest }, position) => {
      for (const part of parts[position] ?? []) {
        const key = `${image}@${part}`;
        indexesOf.set(key, [...(indexesOf.get(key) ?? []), digest]);
      }
    });
  }
  return images.map(({ image, digest, tags, uploadedAt, sizeBytes }) => {
    const held = indexesOf.get(`${image}@${digest}`);
    const version = { packageName: image, digest, tags, uploadedAt, sizeBytes };
    return held === undefined ? version : { ...version, indexes: held };
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
  // One that has gone since it was listed holds nothing any more.
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return [];
  const index = Index.safeParse(parseJson(manifest.bytes));
  if (index.success) return index.data.manifests.flatMap((part) => parseDigest(part.digest) ?? []);
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `the index ${repository}@${digest} does not say what it refers to`,
    'look at what was pushed there, and delete it if nobody needs it',
  );
}

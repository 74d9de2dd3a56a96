import pLimit from 'p-limit';
import { z } from 'zod';
import { parseDigest, type Digest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { parseManifest, type ListedManifest } from './manifest.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** The manifests of the same repository that a manifest belongs to. */
export interface Owners {
  /** The indexes that refer to it, and must be deleted before it. */
  readonly indexes: readonly Digest[];
  /** The manifest that it is about, such as the image of a signature (OCI image spec, `subject`). */
  readonly subjects: readonly Digest[];
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const AT_ONCE = 8;

export function isIndex({ mediaType }: Pick<ListedManifest, 'mediaType'>): boolean {
  return INDEXES.includes(mediaType);
}

/** OCI image spec 1.1, of an image manifest and of an index. */
const Attached = z.object({ subject: z.object({ digest: z.string() }) });

/**
 * Adds the owners to the manifests of one repository. Reads each index whose parts the listing lacks, and each
 * manifest without a tag that is no part of an index. Throws a RegistryError for an index that can't be read: its
 * parts would be taken for manifests of their own.
 */
export async function readOwners<Listed extends ListedManifest>(
  listed: readonly Listed[],
  repository: Repository,
  client: Pick<RegistryClient, 'getManifest'>,
): Promise<readonly (Listed & Owners)[]> {
  const limit = pLimit(AT_ONCE);
  const indexes = await limit.map(listed.filter(isIndex), async ({ digest, parts }) => {
    const found = parts ?? (await readParts(repository, digest, client));
    return found.map((part) => ({ part, digest }));
  });
  const indexesOf = Map.groupBy(indexes.flat(), ({ part }) => part);
  const loose = listed.filter(({ digest, tags }) => tags.length === 0 && !indexesOf.has(digest));
  const subjects = await limit.map(loose, async ({ digest }) => {
    // It may have been deleted since the listing.
    const manifest = await client.getManifest(repository, digest);
    const subject = Attached.safeParse(manifest && parseJson(manifest.bytes)).data?.subject;
    return [digest, parseDigest(subject?.digest ?? '')] as const;
  });
  const subjectOf = new Map(subjects);
  return listed.map((manifest) => {
    const subject = subjectOf.get(manifest.digest);
    return {
      ...manifest,
      indexes: indexesOf.get(manifest.digest)?.map(({ digest }) => digest) ?? [],
      subjects: subject === undefined ? [] : [subject],
    };
  });
}

/** What an index refers to; nothing for one that is gone. */
export async function readParts(
  repository: Repository,
  digest: Digest,
  client: Pick<RegistryClient, 'getManifest'>,
): Promise<readonly Digest[]> {
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return [];
  const named = parseManifest(manifest.bytes)?.manifests;
  if (named !== undefined) return named.flatMap((part) => parseDigest(part.digest ?? '') ?? []);
  const problem = `the index ${repository}@${digest} does not name its parts`;
  const remedy = 'look at what was pushed there, and delete it if nobody needs it';
  throw new RegistryError('REGISTRY_ANSWER', problem, remedy);
}

import pLimit from 'p-limit';
import { z } from 'zod';
import { parseDigest, type Digest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import {
  isIndex,
  NO_PLATFORM,
  parseManifest,
  type ListedManifest,
  type Member,
} from './manifest.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** The manifests of the same repository that a manifest belongs to, and those that belong to it. */
interface Owners {
  /** The indexes that name it, and must be deleted before it. */
  readonly indexes: readonly Digest[];
  /** The manifest that it is about, such as the image of a signature (OCI image spec, `subject`). */
  readonly subjects: readonly Digest[];
  /** What an index names, each once; empty for any other manifest. */
  readonly members: readonly Member[];
}

const AT_ONCE = 8;

/** OCI image spec 1.1, of an image manifest and of an index. */
const Attached = z.object({ subject: z.object({ digest: z.string() }) });

/**
 * Adds the owners and the members to the manifests of one repository. Reads each index whose members the listing lacks,
 * and each manifest without a tag that no index names. Throws a RegistryError for an index that can't be read: its
 * members would be taken for manifests of their own.
 */
export async function readOwners<Listed extends ListedManifest>(
  listed: readonly Listed[],
  repository: Repository,
  client: Pick<RegistryClient, 'getManifest'>,
): Promise<readonly (Listed & Owners)[]> {
  const limit = pLimit(AT_ONCE);
  const indexes = await limit.map(listed.filter(isIndex), async ({ digest, members }) => {
    const found = members ?? (await readMembers(repository, digest, client));
    const others = found.filter((member) => member.digest !== digest);
    return [digest, [...new Map(others.map((each) => [each.digest, each])).values()]] as const;
  });
  const membersOf = new Map(indexes);
  const pairs = indexes.flatMap(([index, members]) =>
    members.map((member) => ({ index, member: member.digest })),
  );
  const indexesOf = Map.groupBy(pairs, ({ member }) => member);
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
      indexes: indexesOf.get(manifest.digest)?.map(({ index }) => index) ?? [],
      subjects: subject === undefined ? [] : [subject],
      members: membersOf.get(manifest.digest) ?? [],
    };
  });
}

/** The members of an index; none of one that is gone. */
export async function readMembers(
  repository: Repository,
  digest: Digest,
  client: Pick<RegistryClient, 'getManifest'>,
): Promise<readonly Member[]> {
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return [];
  const named = parseManifest(manifest.bytes)?.manifests;
  if (named !== undefined) {
    return named.flatMap(({ digest: member, platform }): readonly Member[] => {
      if (member === undefined) return [];
      const isImage = platform !== NO_PLATFORM;
      return [{ digest: member, platform: isImage ? (platform ?? undefined) : undefined }];
    });
  }
  const problem = `the index ${repository}@${digest} does not name its members`;
  const remedy = 'look at what was pushed there, and delete it if nobody needs it';
  throw new RegistryError('REGISTRY_ANSWER', problem, remedy);
}

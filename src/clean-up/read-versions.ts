import pLimit from 'p-limit';
import { z } from 'zod';
import { namesOf } from '../branches/branch-alias.ts';
import {
  isPlatformTag,
  pathBelow,
  type Digest,
  type Repository,
  type Tag,
} from '../image-reference.ts';
import { imageLabels } from '../registry/image-labels.ts';
import { annotationsOf, blobsOf, isIndex, type Manifest } from '../registry/manifest.ts';
import { readMembers, readOwners } from '../registry/read-owners.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { isPublication, ownerFinder } from '../retention/attachments.ts';
import { isMember } from '../retention/members.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';

type Client = Pick<
  RegistryClient,
  'getManifest' | 'headManifest' | 'getBlob' | 'listTags' | 'listReferrers'
>;

const AT_ONCE = 8;

/** What an image's tags name: the look that every deletion is checked against. */
export type TagDigests = ReadonlyMap<Tag, Digest>;

/**
 * The versions of an image in a registry that lists tags alone: what tags name, the members of indexes, and what refers
 * to any of these. `others` are digests to look for beside these. Throws a RegistryError for what can't be read.
 */
export async function readVersions(
  client: Client,
  prefix: Repository,
  packageName: string,
  others: Iterable<Digest> = [],
): Promise<readonly HeldVersion[]> {
  const path = pathBelow(prefix, packageName);
  const found = new Map<Digest, Manifest>();
  const tagsOf = new Map<Digest, Tag[]>();
  let hasReferrers = true;

  const visit = async (digest: Digest): Promise<void> => {
    if (found.has(digest)) return;
    const manifest = await client.getManifest(path, digest);
    if (manifest === undefined) return;
    found.set(digest, manifest);
    const members = isIndex(manifest) ? await readMembers(path, digest, cached) : [];
    for (const member of members) await visit(member.digest);
    const referrers = hasReferrers ? await client.listReferrers(path, digest) : undefined;
    hasReferrers = referrers !== undefined;
    for (const referrer of referrers ?? []) await visit(referrer.digest);
  };
  const cached = {
    getManifest: async (repository: Repository, reference: Tag | Digest) =>
      found.get(reference as Digest) ?? client.getManifest(repository, reference),
  };

  for (const [tag, digest] of await readTags(client, path)) {
    tagsOf.set(digest, [...(tagsOf.get(digest) ?? []), tag]);
  }
  for (const digest of [...tagsOf.keys(), ...others]) await visit(digest);
  const listed = [...found.values()].map(({ digest, mediaType }) => {
    return { digest, mediaType, tags: tagsOf.get(digest) ?? [] };
  });
  const owned = await readOwners(listed, path, cached);
  const versions = owned.map((each) => {
    const bytes = found.get(each.digest)?.bytes ?? new Uint8Array();
    const blobs = blobsOf(bytes);
    const sizeBytes = blobs?.reduce((sum, { size }) => sum + size, 0) ?? bytes.byteLength;
    return { packageName, ...each, blobs, sizeBytes, uploadedAt: UNKNOWN };
  });
  return withTimes(versions, (version) =>
    timeOf(version, found.get(version.digest), (digest) => imageLabels(client, path, digest)),
  );
}

/** Each tag of an image with its digest, without tags that name nothing. */
export async function readTags(
  client: Pick<RegistryClient, 'listTags' | 'headManifest' | 'getManifest'>,
  path: Repository,
): Promise<TagDigests> {
  const tags = (await client.listTags(path)) ?? [];
  const named = await pLimit(AT_ONCE).map(tags, async (tag) => {
    const { digest } =
      (await client.headManifest(path, tag)) ?? (await client.getManifest(path, tag)) ?? {};
    return digest === undefined ? [] : [[tag, digest] as const];
  });
  return new Map(named.flat());
}

/** Older than all that is known. */
const UNKNOWN = new Date(0);

/** No registry of images is older: an earlier time stands for none. */
const EARLIEST = Date.parse('2013-01-01T00:00:00Z');

const CREATED = 'org.opencontainers.image.created';

/**
 * What a publication of this project says of its time. An index states the inputs that it stands for: what others have
 * published may state a time, and counts as one without. The labels of an image count only where it was built for its
 * tag: others may be those of its base.
 */
async function timeOf(
  { tags, digest }: HeldVersion,
  manifest: Manifest | undefined,
  labelsOf: (digest: Digest) => Promise<Readonly<Record<string, string>>>,
): Promise<Date | undefined> {
  if (manifest === undefined) return undefined;
  const annotations = annotationsOf(manifest.bytes);
  if (annotations[INPUTS_LABEL] !== undefined) return parseTime(annotations[CREATED]);
  if (isIndex(manifest)) return undefined;
  const labels = await labelsOf(digest);
  const inputs = labels[INPUTS_LABEL];
  const isOwn = tags.some((tag) => tag === inputs || isPlatformTagOf(tag, inputs));
  return isOwn ? parseTime(labels[CREATED]) : undefined;
}

function isPlatformTagOf(tag: string, inputs = ''): boolean {
  return isPlatformTag(tag) && inputs !== '' && tag.startsWith(inputs.slice(0, 32));
}

function parseTime(text: string | undefined): Date | undefined {
  const valid = z.iso.datetime({ offset: true }).safeParse(text).data;
  const time = valid === undefined ? NaN : Date.parse(valid);
  return time >= EARLIEST ? new Date(time) : undefined;
}

/**
 * Members and attachments have the time of what they belong to, and go with that. So does a member that somebody has
 * tagged, if it was published from here: what a copy wraps in its own place may be an image of others.
 */
async function withTimes(
  versions: readonly HeldVersion[],
  timeOfOne: (version: HeldVersion) => Promise<Date | undefined>,
): Promise<readonly HeldVersion[]> {
  const ownersOf = ownerFinder(versions);
  const publicationsOf = new Map(
    versions.map((version) => {
      const owners = isPublication(version) ? [] : ownersOf(version).filter(isPublication);
      const standsAlone = owners.length === 0 || (isMember(version) && namesOf(version).length > 0);
      return [version, standsAlone ? [version, ...owners] : owners] as const;
    }),
  );
  const publications = new Set([...publicationsOf.values()].flat());
  const times = new Map(
    await pLimit(AT_ONCE).map(publications, async (one) => [one, await timeOfOne(one)] as const),
  );
  return versions.map((version) => {
    const known = publicationsOf.get(version)?.map((one) => times.get(one)) ?? [];
    if (known.some((time) => time === undefined)) return { ...version, isTimeUnknown: true };
    return { ...version, uploadedAt: new Date(Math.max(...known.map(Number))) };
  });
}

/** The tags of versions, as `readTags` finds them. */
export function tagsIn(versions: readonly HeldVersion[]): TagDigests {
  const named = versions.flatMap(({ tags, digest }) =>
    tags.map((tag) => [tag as Tag, digest] as const),
  );
  return new Map(named);
}

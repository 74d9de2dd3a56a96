import pLimit from 'p-limit';
import type { TrackedVersions } from '../../src/branches/grace-period.ts';
import { parseDigest, parseTag, type Digest, type Tag } from '../../src/image-reference.ts';
import { isIndex, type ListedManifest, type Member } from '../../src/registry/manifest.ts';
import { findManifest } from '../../src/registry/registry-client.ts';
import { readMembers, readOwners } from '../../src/registry/read-owners.ts';
import {
  countAttachments,
  findAttachments,
  type AttachmentCounts,
} from '../../src/retention/attachments.ts';
import { isMember } from '../../src/retention/members.ts';
import { parseAllowEntry } from '../../src/retention/retention.ts';
import { REQUESTS_AT_ONCE } from './connect.ts';
import {
  boolean,
  listOf,
  number,
  object,
  parsed,
  readOptional,
  readProperty,
  text,
} from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';
import type { ImageRepositories } from './versions-in-registry.ts';

/** What belongs to kept versions, and stays with them: signatures and attestations, but no members of an index. */
export interface Attachments extends AttachmentCounts {
  /** `owner` is the digest of a version that branches need or needed; empty where the file keeps the owner. */
  readonly kept: readonly { readonly digest: Digest; readonly owner: string }[];
}

const NONE: Attachments = { kept: [], most: 0, areLoose: false, mostMembers: 0, mostOfOne: 0 };

/**
 * Looks up the attachments at all images: in a registry of Google, one request for each image, each index and each
 * manifest without a tag. `known` are the attachments of the run before. `keep` are the aliases, `image:tag` and
 * `image@digest` of the retention file.
 */
export async function lookUpAttachments(
  images: readonly string[],
  keep: readonly string[],
  { versions, unreferenced }: TrackedVersions,
  repositories: ImageRepositories,
  known: Attachments,
): Promise<Attachments> {
  const tracked = [...versions, ...unreferenced];
  const digestsOf = Map.groupBy(tracked, ({ image }) => image);
  const limit = pLimit(REQUESTS_AT_ONCE);
  const found = await limit.map(new Set([...images, ...digestsOf.keys()]), async (packageName) => {
    const digests = digestsOf.get(packageName)?.flatMap(({ digest }) => digest ?? []) ?? [];
    const manifests = await readImage(packageName, digests, repositories);
    return manifests.map((manifest) => ({ packageName, ...manifest }));
  });
  const held = found.flat();
  const digests = new Set<string>(tracked.flatMap(({ digest }) => digest ?? []));
  const lists = {
    keepAliases: keep.flatMap((entry) => parseTag(entry) ?? []),
    allow: keep.flatMap((entry) => parseAllowEntry(entry) ?? []),
  };
  const listedBefore = new Set(
    known.kept.flatMap(({ digest, owner }) => (owner === '' ? digest : [])),
  );
  const kept = findAttachments(held, lists).flatMap(({ version: { digest }, owner, isListed }) => {
    const isTracked = digests.has(owner);
    // A new one joins the policies in one change with a version that branches need.
    const isOwn = isListed && (!isTracked || listedBefore.has(digest));
    return [...(isTracked ? [{ digest, owner }] : []), ...(isOwn ? [{ digest, owner: '' }] : [])];
  });
  const members = new Set<string>(held.filter(isMember).map(({ digest }) => digest));
  // One listing that is cut must not give up what belongs to a version that is needed.
  const earlier = known.kept.filter(
    ({ digest, owner }) => digests.has(owner) && !members.has(digest),
  );
  return eitherOf({ ...NONE, kept: earlier }, { kept, ...countAttachments(held) });
}

/** Whether a look found less than the one before: a listing may have been cut, and policies would keep less. */
export function areFewer(found: Attachments, known: Attachments): boolean {
  const digests = new Set(found.kept.map(({ digest }) => digest));
  return (
    found.most < known.most ||
    found.mostMembers < known.mostMembers ||
    found.mostOfOne < known.mostOfOne ||
    (known.areLoose && !found.areLoose) ||
    known.kept.some(({ digest, owner }) => owner === '' && !digests.has(digest))
  );
}

/** The findings of two looks together. */
export function eitherOf(one: Attachments, other: Attachments): Attachments {
  const all = [...one.kept, ...other.kept];
  return {
    kept: [...new Map(all.map((each) => [`${each.digest} ${each.owner}`, each])).values()],
    most: Math.max(one.most, other.most),
    areLoose: one.areLoose || other.areLoose,
    mostMembers: Math.max(one.mostMembers, other.mostMembers),
    mostOfOne: Math.max(one.mostOfOne, other.mostOfOne),
  };
}

/** The time of versions that no registry lists: an equal one, so that none counts as published between two others. */
const UNLISTED = new Date(0);

/** What indexes name, which never changes. A run looks several times, and may have a thousand indexes to read. */
const namedBy = new Map<Digest, readonly Member[]>();

async function readImage(
  image: string,
  digests: readonly Digest[],
  { client, pathOf }: ImageRepositories,
) {
  const path = pathOf(image);
  const listed = await client.listManifests(path);
  if (listed !== undefined) {
    const known = listed.map((each) => ({ members: namedBy.get(each.digest), ...each }));
    const owned = await readOwners(known, path, client);
    for (const { digest, members } of owned) if (members.length > 0) namedBy.set(digest, members);
    return owned;
  }
  // In such a registry, a version without a tag is found by its referrers.
  const found = new Map<Digest, ListedManifest>();
  const visit = async (reference: Tag | Digest): Promise<void> => {
    const manifest = await findManifest(client, path, reference);
    if (manifest === undefined) return;
    const { digest, mediaType } = manifest;
    const before = found.get(digest);
    const tags = [...(before?.tags ?? []), ...(reference === digest ? [] : [reference])];
    const read = async () => (isIndex(manifest) ? readMembers(path, digest, client) : []);
    const members = before?.members ?? namedBy.get(digest) ?? (await read());
    if (members.length > 0) namedBy.set(digest, members);
    found.set(digest, { digest, mediaType, tags, members, uploadedAt: UNLISTED });
    if (before === undefined) for (const member of members) await visit(member.digest);
  };
  for (const each of [...((await client.listTags(path)) ?? []), ...digests]) await visit(each);
  return readOwners([...found.values()], path, client);
}

/** The attachments in the state; none in one from before there were any. */
export function attachmentsOf(outputs: Properties): Attachments {
  const kept = readOptional(outputs, 'attachments', listOf(object)) ?? [];
  return {
    kept: kept.map((each) => {
      const owner = readProperty(each, 'owner', text);
      return { digest: readProperty(each, 'digest', parsed(parseDigest)), owner };
    }),
    most: readOptional(outputs, 'mostAttachments', number) ?? 0,
    areLoose: readOptional(outputs, 'looseAttachments', boolean) ?? false,
    mostMembers: readOptional(outputs, 'mostMembers', number) ?? 0,
    mostOfOne: readOptional(outputs, 'attachmentsOfOne', number) ?? 0,
  };
}

export function attachmentProperties(found: Attachments): Properties {
  const { kept, most, areLoose, mostMembers, mostOfOne } = found;
  return {
    attachments: kept.map((each) => ({ ...each })),
    mostAttachments: most,
    attachmentsOfOne: mostOfOne,
    looseAttachments: areLoose,
    mostMembers,
  };
}

/** The digests with those of their attachments, in order. */
export function withAttached(digests: readonly Digest[], { kept }: Attachments): readonly Digest[] {
  const owners = new Set<string>([...digests, '']);
  const attached = kept.flatMap(({ digest, owner }) => (owners.has(owner) ? digest : []));
  return [...new Set([...digests, ...attached])].sort();
}

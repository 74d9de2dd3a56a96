import type { InventoryVersion } from './evaluate-policies.ts';
import type { AllowEntry, Retention } from './retention.ts';
import { parseDigest, type Digest } from '../image-reference.ts';
import { isMember, nameOf, outermostIndexes } from './members.ts';

type Stored = Pick<InventoryVersion, 'packageName' | 'digest' | 'tags' | 'indexes' | 'subjects'>;

/** A version that is about another of its package, directly or through others, and stays with it. */
export interface Attachment<Version extends Stored = Stored> {
  readonly version: Version;
  readonly owner: string;
  /** Whether the lists of the retention file keep the owner, at any age. */
  readonly isListed: boolean;
}

/** What members and attachments of a repository mean for the numbers of its retention. */
export interface AttachmentCounts {
  /** The largest number of attachments that one package has. */
  readonly most: number;
  /** Whether some have no tag. */
  readonly areLoose: boolean;
  /** The largest number of members that one publication has. */
  readonly mostMembers: number;
}

/**
 * The version that a tag of cosign (`sha256-<hex>.sig`) is about, or one that stands for the referrers of a
 * version (`sha256-<hex>`; OCI distribution spec, "Referrers Tag Schema").
 */
function subjectOfTag(tag: string): Digest | undefined {
  const [, hex = ''] = /^sha256-([0-9a-f]{64})(?:\.[\w.-]+)?$/.exec(tag) ?? [];
  return parseDigest(`sha256:${hex}`);
}

function subjectsOf({ tags, subjects = [] }: Stored): readonly string[] {
  return [...subjects, ...tags.flatMap((tag) => subjectOfTag(tag) ?? [])];
}

/** Whether the version is about another one. That an index names a version makes it no attachment. */
export function isAttachment(version: Stored): boolean {
  return subjectsOf(version).length > 0;
}

/** Whether no tag names the version for its own sake, so that no branch can have needed it by one. */
export function isAttachmentOnly(version: Stored): boolean {
  return isAttachment(version) && version.tags.every((tag) => subjectOfTag(tag) !== undefined);
}

/**
 * Each attachment with each of its owners that is there: an image's signature, the signature's own, and the signature
 * of a member with its index.
 */
export function findAttachments<Version extends Stored>(
  versions: readonly Version[],
  lists: Pick<Retention, 'keepAliases' | 'allow'>,
): readonly Attachment<Version>[] {
  const byName = new Map(versions.map((each) => [nameOf(each), each]));
  return versions.filter(isAttachment).flatMap((version) => {
    const owners = new Set<Version>();
    const add = (one: Version): void => {
      for (const digest of [...(one.indexes ?? []), ...subjectsOf(one)]) {
        const owner = byName.get(nameOf({ packageName: version.packageName, digest }));
        if (owner === undefined || owner === version || owners.has(owner)) continue;
        owners.add(owner);
        add(owner);
      }
    };
    add(version);
    return [...owners].map((owner) => {
      return { version, owner: owner.digest, isListed: isListed(owner, lists) };
    });
  });
}

function isListed(
  { packageName, digest, tags }: Stored,
  { keepAliases, allow }: Pick<Retention, 'keepAliases' | 'allow'>,
): boolean {
  const hasTag = (prefix: string) => tags.some((tag) => tag.startsWith(prefix));
  const isAllowed = (entry: AllowEntry) =>
    entry.digest === digest ||
    (entry.tag !== undefined && packageName.startsWith(entry.image) && hasTag(entry.tag));
  return keepAliases.some(hasTag) || allow.some(isAllowed);
}

/** The members of an attachment, such as those of an index of referrers, count as attachments. */
export function countAttachments(versions: readonly Stored[]): AttachmentCounts {
  const outermost = outermostIndexes(versions);
  const belonging = versions.filter((version) => isMember(version) || isAttachment(version));
  const { attached = [], members = [] } = Object.groupBy(belonging, (version) =>
    (outermost.get(version) ?? [version]).every(isAttachment) ? 'attached' : 'members',
  );
  const publications = members.flatMap((version) => outermost.get(version) ?? []);
  return {
    most: largest(attached.map(({ packageName }) => packageName)),
    areLoose: attached.some((version) => !isMember(version) && version.tags.length === 0),
    mostMembers: largest(publications),
  };
}

/** The largest number of members that a publication of the catalog has. */
export function mostPlatforms(
  images: readonly { readonly platforms: readonly string[] }[],
): number {
  return Math.max(0, ...images.map(({ platforms }) => platforms.length));
}

/** How often the most frequent of these items is there. */
function largest(items: readonly unknown[]): number {
  const groups = Map.groupBy(items, (item) => item);
  return Math.max(0, ...[...groups.values()].map(({ length }) => length));
}

/**
 * The retention with the numbers that policies take. Artifact Registry counts every version. Between a publication and
 * the next newer one lie at most the members of that one, beside attachments: of as many versions as `keepNewest`
 * publications with all their members, and all attachments, at least `keepNewest` are publications. Attachments
 * without a tag stay as long as the tagged version that they belong to.
 */
export function withAttachments(
  retention: Retention,
  { most, areLoose, mostMembers }: AttachmentCounts,
): Retention {
  const { keepNewest, window, untaggedAfter } = retention;
  return {
    ...retention,
    keepNewest: keepNewest * (1 + mostMembers) + most,
    untaggedAfter: areLoose ? Math.max(window, untaggedAfter) : untaggedAfter,
  };
}

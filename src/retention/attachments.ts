import type { InventoryVersion } from './evaluate-policies.ts';
import type { AllowEntry, Retention } from './retention.ts';
import { parseDigest, type Digest } from '../image-reference.ts';

type Stored = Pick<InventoryVersion, 'packageName' | 'digest' | 'tags' | 'indexes' | 'subjects'>;

/** A version that belongs to another of its package, directly or through others, and stays with it. */
export interface Attachment<Version extends Stored = Stored> {
  readonly version: Version;
  readonly owner: string;
  /** Whether the lists of the retention file keep the owner, at any age. */
  readonly isListed: boolean;
}

/** What the attachments of a repository mean for the numbers of its retention. */
export interface AttachmentCounts {
  /** The largest number of attachments that one package has. */
  readonly most: number;
  /** Whether some have no tag, and are part of no index. */
  readonly areLoose: boolean;
}

/**
 * The version that a tag of cosign (`sha256-<hex>.sig`) is about, or one that stands for the referrers of a
 * version (`sha256-<hex>`; OCI distribution spec, "Referrers Tag Schema").
 */
function subjectOfTag(tag: string): Digest | undefined {
  const [, hex = ''] = /^sha256-([0-9a-f]{64})(?:\.[\w.-]+)?$/.exec(tag) ?? [];
  return parseDigest(`sha256:${hex}`);
}

function ownersOf({ tags, indexes = [], subjects = [] }: Stored): readonly string[] {
  return [...indexes, ...subjects, ...tags.flatMap((tag) => subjectOfTag(tag) ?? [])];
}

export function isAttachment(version: Stored): boolean {
  return ownersOf(version).length > 0;
}

/** Whether no tag names the version for its own sake, so that no branch can have needed it by one. */
export function isAttachmentOnly(version: Stored): boolean {
  return isAttachment(version) && version.tags.every((tag) => subjectOfTag(tag) !== undefined);
}

/** Each attachment with each of its owners that is there: an image's signature, and the signature's own. */
export function findAttachments<Version extends Stored>(
  versions: readonly Version[],
  lists: Pick<Retention, 'keepAliases' | 'allow'>,
): readonly Attachment<Version>[] {
  const nameOf = (packageName: string, digest: string) => `${packageName}@${digest}`;
  const byName = new Map(versions.map((each) => [nameOf(each.packageName, each.digest), each]));
  return versions.filter(isAttachment).flatMap((version) => {
    const owners = new Set<Version>();
    const add = (one: Version): void => {
      for (const digest of ownersOf(one)) {
        const owner = byName.get(nameOf(version.packageName, digest));
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

export function countAttachments(versions: readonly Stored[]): AttachmentCounts {
  const attachments = versions.filter(isAttachment);
  const ofPackages = Map.groupBy(attachments, ({ packageName }) => packageName);
  return {
    most: Math.max(0, ...[...ofPackages.values()].map(({ length }) => length)),
    areLoose: attachments.some(({ tags, indexes = [] }) => tags.length + indexes.length === 0),
  };
}

/**
 * The retention with the numbers that policies take. Artifact Registry counts every version: the newest
 * `keepNewest` and as many as there are attachments are at least `keepNewest` that are none. Attachments without
 * a tag stay as long as the tagged version that they belong to.
 */
export function withAttachments(
  retention: Retention,
  { most, areLoose }: AttachmentCounts,
): Retention {
  const { keepNewest, window, untaggedAfter } = retention;
  return {
    ...retention,
    keepNewest: keepNewest + most,
    untaggedAfter: areLoose ? Math.max(window, untaggedAfter) : untaggedAfter,
  };
}

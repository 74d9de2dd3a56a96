import type { InventoryVersion } from './evaluate-policies.ts';
import type { Image } from '../catalog/image.ts';
import type { Retention } from './retention.ts';
import {
  isPlatformTag,
  LATEST,
  parseDigest,
  type Digest,
  type NamedImage,
} from '../image-reference.ts';
import { isMember, nameOf, outermostIndexes } from './members.ts';

type Stored = Pick<InventoryVersion, 'packageName' | 'digest' | 'tags' | 'indexes' | 'subjects'>;

/** Has no time where the listing of a registry lacks it. */
type Counted = Stored & { readonly uploadedAt?: Date | undefined };

/** A version that is about another of its package, directly or through others, and stays with it. */
export interface Attachment<Version extends Counted = Counted> {
  readonly version: Version;
  readonly owner: string;
  /** Whether the lists of the retention file keep the owner, at any age, also when a newer one is published. */
  readonly isListed: boolean;
}

/** What members and attachments of a repository mean for the numbers of its retention. */
export interface AttachmentCounts {
  /** The largest number of members that one publication has. */
  readonly mostMembers: number;
  /** The largest number of attachments that one publication got before the next one was published. */
  readonly mostOfOne: number;
  /** The largest number of other attachments that one package has. */
  readonly most: number;
  /** Whether some have no tag. */
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
export function findAttachments<Version extends Counted>(
  versions: readonly Version[],
  lists: Pick<Retention, 'keepAliases' | 'allow'>,
): readonly Attachment<Version>[] {
  const ownersOf = ownerFinder(versions);
  const newest = newestPublications(versions);
  return versions.filter(isAttachment).flatMap((version) =>
    ownersOf(version).map((owner) => {
      // `latest` leaves the newest publication once there is a newer one.
      const tags = newest.has(owner) ? owner.tags.filter((tag) => tag !== LATEST) : owner.tags;
      return { version, owner: owner.digest, isListed: isListed({ ...owner, tags }, lists) };
    }),
  );
}

/** Finds what a version belongs to, directly or through others: its subjects, and the indexes that name it. */
export function ownerFinder<Version extends Stored>(versions: readonly Version[]) {
  const byName = new Map(versions.map((each) => [nameOf(each), each]));
  return (version: Version): readonly Version[] => {
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
    return [...owners];
  };
}

function isListed(
  { packageName, digest, tags }: Stored,
  { keepAliases, allow }: Pick<Retention, 'keepAliases' | 'allow'>,
): boolean {
  const hasTag = (prefix: string) => tags.some((tag) => tag.startsWith(prefix));
  const isAllowed = (entry: NamedImage) =>
    entry.digest === digest ||
    (entry.tag !== undefined && packageName.startsWith(entry.image) && hasTag(entry.tag));
  return keepAliases.some(hasTag) || allow.some(isAllowed);
}

/** A version that stands for itself. Artifact Registry counts each, also an image whose index is not there. */
export function isPublication(version: Stored): boolean {
  return !isMember(version) && !isAttachment(version);
}

/**
 * The newest publication of each package, which `keep-newest` keeps with its attachments. Of several with the same time,
 * such as in a registry that lists none, it is the one that `latest` names; none of a package where a time is unknown.
 */
function newestPublications<Version extends Counted>(
  versions: readonly Version[],
): ReadonlySet<Version> {
  const published = Map.groupBy(versions.filter(isPublication), ({ packageName }) => packageName);
  const newest = [...published.values()].flatMap((all) => {
    const times = all.map(({ uploadedAt }) => uploadedAt?.getTime() ?? NaN);
    const last = Math.max(...times);
    const newestOf = all.filter((_, at) => times[at] === last);
    return newestOf.length === 1 ? newestOf : newestOf.filter(({ tags }) => tags.includes(LATEST));
  });
  return new Set(newest);
}

/** Whether the version is the image for one platform, and its index was never published or is gone. */
export function isLone(version: Stored): boolean {
  return isPublication(version) && version.tags.length > 0 && version.tags.every(isPlatformTag);
}

/**
 * The members of an attachment, such as those of an index of referrers, count as attachments. An attestation whose index
 * has gone counts as a member of the image for its platform, and goes with that in the next clean-up.
 */
export function countAttachments(versions: readonly Counted[]): AttachmentCounts {
  const outermost = outermostIndexes(versions);
  const ownersOf = ownerFinder(versions);
  const timeOf = ({ uploadedAt }: Counted) => uploadedAt?.getTime() ?? NaN;
  const published = versions.filter((version) => isPublication(version) && !isLone(version));
  const byPackage = Map.groupBy(published, ({ packageName }) => packageName);
  const timesIn = new Map([...byPackage].map(([name, all]) => [name, all.map(timeOf)]));
  /** Whether nothing was published between the owner and the version. */
  const isInTime = (version: Counted, owner: Counted): boolean => {
    const [from, to] = [timeOf(owner), timeOf(version)];
    const times = timesIn.get(owner.packageName) ?? [];
    return from <= to && !times.some((time) => time > from && time <= to);
  };
  const members: Counted[] = [];
  const ofOne: Counted[] = [];
  const others: Counted[] = [];
  let areLoose = false;
  for (const version of versions) {
    if (isPublication(version)) continue;
    const indexes = outermost.get(version)?.filter((index) => !isAttachment(index)) ?? [];
    members.push(...indexes);
    if (indexes.length > 0) continue;
    const owners = ownersOf(version).filter(isPublication);
    const ownersInTime = owners.filter((owner) => isInTime(version, owner));
    if (ownersInTime.length === 0) others.push(version);
    const isOfLone = owners.length > 0 && owners.every(isLone);
    (isOfLone ? members : ofOne).push(...ownersInTime);
    areLoose ||= !isOfLone && !isMember(version) && version.tags.length === 0;
  }
  return {
    mostMembers: largest(members),
    mostOfOne: largest(ofOne),
    most: largest(others.map(({ packageName }) => packageName)),
    areLoose,
  };
}

/** What counts of an image of the catalog. */
type Publishable = Pick<Image, 'kind' | 'platforms'>;

/**
 * The largest number of members that a publication of the catalog has: each platform has an image and its attestation. A
 * copy has that of its source as well.
 */
export function mostMembers(images: readonly Publishable[]): number {
  const sizes = images.map(({ kind, platforms }) => (kind === 'copy' ? 3 : 2) * platforms.length);
  return Math.max(0, ...sizes);
}

/**
 * What publications of a catalog have at most when all of them are there: policies that counted them only afterwards
 * would change in the run after each first publication.
 */
export function expectedCounts(
  images: readonly Publishable[],
  isSigned: boolean,
): AttachmentCounts {
  // A signature, and the index of referrers that some registries have it by.
  const mostOfOne = isSigned ? 2 : 0;
  return { mostMembers: mostMembers(images), mostOfOne, most: 0, areLoose: isSigned };
}

/** The larger of the counts of two. */
export function largerCounts(one: AttachmentCounts, other: AttachmentCounts): AttachmentCounts {
  return {
    mostMembers: Math.max(one.mostMembers, other.mostMembers),
    mostOfOne: Math.max(one.mostOfOne, other.mostOfOne),
    most: Math.max(one.most, other.most),
    areLoose: one.areLoose || other.areLoose,
  };
}

/** How often the most frequent of these items is there. */
function largest(items: readonly unknown[]): number {
  const groups = Map.groupBy(items, (item) => item);
  return Math.max(0, ...[...groups.values()].map(({ length }) => length));
}

/**
 * The retention with the numbers that policies take. Artifact Registry counts every version. Between a publication and
 * the next newer one lie at most the members of that one, and the attachments that the publication got until then,
 * beside others: of as many versions as `keepNewest` publications with all of these, and all other attachments, at
 * least `keepNewest` are publications. Attachments without a tag stay as long as the tagged version that they belong to.
 */
export function withAttachments(retention: Retention, counts: AttachmentCounts): Retention {
  const { keepNewest, window, untaggedAfter } = retention;
  const ofOne = 1 + counts.mostMembers + counts.mostOfOne;
  return {
    ...retention,
    keepNewest: keepNewest * ofOne + counts.most,
    untaggedAfter: counts.areLoose ? Math.max(window, untaggedAfter) : untaggedAfter,
  };
}

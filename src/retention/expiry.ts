import { evaluatePolicies, prefixMatcher, type RegistryPolicy } from './evaluate-policies.ts';
import { isMember, membersInOrder } from './members.ts';
import type { HeldVersion, ResolvedNeeds } from './resolve-needs.ts';
import type { Retention } from './retention.ts';
import { graceMarker, markedAt } from '../branches/branch-alias.ts';
import { neededTags } from '../branches/needs.ts';
import type { References } from '../branches/references.ts';
import type { Digest } from '../image-reference.ts';

const DAY = 86_400;

/** The versions that have lost their last reference. */
export interface Grace {
  /** When the KEEP of a digest in its grace period goes or went. Policies protect a digest in every package. */
  readonly ends: ReadonlyMap<Digest, Date>;
  /** Versions that the registry still protects and that have no marker. The next `up` marks them. */
  readonly unmarked: ReadonlySet<HeldVersion>;
}

/**
 * The grace periods of the versions that no branch needs and no entry allows by digest. Grace counts
 * from a version's newest marker or, without a marker, from `now` if the live policies protect the
 * version as needed. The KEEP stays for a day more, since two runs must find the grace period to be over; where
 * it is over, and the live policies have the KEEP, the second of them is yet to come.
 */
export function gracePeriods(
  versions: readonly HeldVersion[],
  resolved: ResolvedNeeds,
  live: readonly RegistryPolicy[],
  retention: Retention,
  now: Date,
): Grace {
  const needed = [...resolved.values()].map((version) => version?.digest);
  const exempt = new Set([...needed, ...retention.allow.map(({ digest }) => digest)]);
  const { hasDigest, hasAlias } = protectedBy(live, retention);
  const ends = new Map<Digest, Date>();
  const unmarked = new Set<HeldVersion>();
  for (const version of versions) {
    if (exempt.has(version.digest)) continue;
    const marked = version.tags.flatMap((tag) => markedAt(tag) ?? []);
    if (marked.length === 0) {
      if (!hasDigest(version) && !hasAlias(version)) continue;
      unmarked.add(version);
      marked.push(now);
    }
    const over = later(latest(marked), retention.gracePeriod);
    const isKept = over > now || hasDigest(version);
    const end = isKept ? later(latest([over, now]), DAY) : over;
    ends.set(version.digest, latest([end, ends.get(version.digest) ?? end]));
  }
  return { ends, unmarked };
}

/** What is protected by its digest, and by an alias that is not the file's and so a branch's. */
function protectedBy(live: readonly RegistryPolicy[], { keepAliases }: Retention) {
  const listed = (id: RegExp, list: 'versionNamePrefixes' | 'tagPrefixes') =>
    live.flatMap((policy) => (id.test(policy.id) ? (policy.condition?.[list] ?? []) : []));
  const digests = listed(/^keep-digests(-\d+)?$/, 'versionNamePrefixes');
  const isListed = digests.length === 0 ? () => false : prefixMatcher(digests);
  const aliases = new Set(listed(/^keep-aliases(-\d+)?$/, 'tagPrefixes'));
  for (const alias of keepAliases) aliases.delete(alias);
  return {
    hasDigest: ({ digest }: HeldVersion) => isListed(digest),
    hasAlias: ({ tags }: HeldVersion) => tags.some((tag) => aliases.has(tag)),
  };
}

/** The latest time that a Date can have: everything is old then. */
const END_OF_TIME = new Date(8.64e15);
const BEGINNING = new Date(0);

/**
 * The versions, in their order, with their tags after the next `up`. An alias that stands for a need moves to
 * the version of the need, unless the registry lacks that. An alias of a supported branch that stands for nothing goes
 * when the grace period of its version is over. If it is over already, nothing removes the alias: somebody has moved
 * it there, or the registry keeps it. Each version of `unmarked`, whose last reference has gone, gets a marker
 * with the time `now`.
 */
export function expectedTags(
  versions: readonly HeldVersion[],
  { branches, needs }: References,
  resolved: ResolvedNeeds,
  { ends, unmarked }: Grace,
  now: Date,
): readonly HeldVersion[] {
  const aliases = new Set<string>(branches.map(({ alias }) => alias));
  const standing = neededTags({ needs });
  const targets = Map.groupBy(resolved, ([need]) => `${need.image}:${need.branch.alias}`);
  const isMoving = (version: HeldVersion, tag: string) => {
    if (!aliases.has(tag)) return false;
    if (standing[version.packageName]?.[tag] === undefined) {
      return (ends.get(version.digest) ?? END_OF_TIME) > now;
    }
    const found = targets.get(`${version.packageName}:${tag}`) ?? [];
    return found.every(([, target]) => target !== undefined && target !== version);
  };
  return versions.map((version) => {
    const tags = version.tags.filter((tag) => !isMoving(version, tag));
    const marker = unmarked.has(version) ? [graceMarker(now)] : [];
    return { ...version, tags: [...tags, ...marker] };
  });
}

/**
 * The time from which a clean-up deletes each version, if nothing else changes. Versions without an
 * entry are kept for ever. A member has the time of its indexes. `expected` are the same versions with their tags after
 * the next `up`; `policies` are those of the time when every grace period is over.
 */
export function deletionDays(
  versions: readonly HeldVersion[],
  expected: readonly HeldVersion[],
  policies: readonly RegistryPolicy[],
  { window, untaggedAfter }: Pick<Retention, 'window' | 'untaggedAfter'>,
  grace: Grace,
): ReadonlyMap<HeldVersion, Date> {
  const days = new Map<HeldVersion, Date>();
  const verdicts = evaluatePolicies(policies, expected, END_OF_TIME);
  for (const [position, { version: then, action, heldBy }] of verdicts.entries()) {
    const version = versions[position];
    if (version === undefined || (action === 'keep' && heldBy.length === 0)) continue;
    const limit = then.tags.length > 0 ? window : untaggedAfter;
    const old = isMember(version) ? BEGINNING : later(version.uploadedAt, limit);
    days.set(version, latest([old, grace.ends.get(version.digest) ?? old]));
  }
  holdMembers(days, versions);
  return days;
}

/** The members of an index can't be deleted before the index. */
export function holdMembers(days: Map<HeldVersion, Date>, versions: readonly HeldVersion[]): void {
  for (const [member, indexes] of membersInOrder(versions)) {
    const ends = [member, ...indexes].flatMap((version) => days.get(version) ?? []);
    // An index that is not among the versions is in the registry all the same.
    if (ends.length === 1 + (member.indexes ?? []).length) days.set(member, latest(ends));
    else days.delete(member);
  }
}

function later(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map(Number)));
}

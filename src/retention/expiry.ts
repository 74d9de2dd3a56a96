import { evaluatePolicies, prefixMatcher, type RegistryPolicy } from './evaluate-policies.ts';
import type { HeldVersion, ResolvedNeed } from './resolve-needs.ts';
import type { Retention } from './retention.ts';
import { markedAt } from '../branches/branch-alias.ts';
import type { Digest } from '../image-reference.ts';

/** The versions that have lost their last reference. */
export interface Grace {
  /** When the grace of a digest ends or ended. Policies protect a digest in every package. */
  readonly ends: ReadonlyMap<Digest, Date>;
  /** Versions that the registry still protects and that have no marker. The next `up` marks them. */
  readonly unmarked: ReadonlySet<HeldVersion>;
}

/**
 * The grace periods of the versions that no branch needs and no entry allows by digest. Grace counts
 * from a version's newest marker or, without a marker, from `now` if the live policies protect the
 * version as needed.
 */
export function gracePeriods(
  versions: readonly HeldVersion[],
  resolved: readonly ResolvedNeed[],
  live: readonly RegistryPolicy[],
  retention: Retention,
  now: Date,
): Grace {
  const exempt = new Set([
    ...resolved.map(({ version }) => version?.digest),
    ...retention.allow.map(({ digest }) => digest),
  ]);
  const isProtected = protectedBy(live, retention);
  const ends = new Map<Digest, Date>();
  const unmarked = new Set<HeldVersion>();
  for (const version of versions) {
    if (exempt.has(version.digest)) continue;
    const marked = version.tags.flatMap((tag) => markedAt(tag) ?? []);
    if (marked.length === 0 && !isProtected(version)) continue;
    if (marked.length === 0) unmarked.add(version);
    const start = marked.length === 0 ? now : latest(marked);
    const end = new Date(start.getTime() + retention.gracePeriod * 1000);
    ends.set(version.digest, latest([end, ends.get(version.digest) ?? end]));
  }
  return { ends, unmarked };
}

/** Protected by its digest, or by an alias that is not the file's and so a branch's. */
function protectedBy(
  live: readonly RegistryPolicy[],
  { keepAliases }: Retention,
): (version: HeldVersion) => boolean {
  const listed = (id: RegExp, list: 'versionNamePrefixes' | 'tagPrefixes') =>
    live.flatMap((policy) => (id.test(policy.id) ? (policy.condition?.[list] ?? []) : []));
  const digests = listed(/^keep-digests(-\d+)?$/, 'versionNamePrefixes');
  const hasDigest = digests.length === 0 ? () => false : prefixMatcher(digests);
  const aliases = new Set(listed(/^keep-aliases(-\d+)?$/, 'tagPrefixes'));
  for (const alias of keepAliases) aliases.delete(alias);
  return ({ digest, tags }) => hasDigest(digest) || tags.some((tag) => aliases.has(tag));
}

/** The latest time that a Date can have: everything is old then. */
const END_OF_TIME = new Date(8.64e15);

/**
 * The time from which a clean-up deletes each version, if nothing else changes. Versions without an
 * entry are kept for ever. `expected` are the same versions with their tags after the next `up`;
 * `policies` are those of the time when every grace period is over.
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
  versions.forEach((version, position) => {
    const verdict = verdicts[position];
    if (verdict === undefined) return;
    if (verdict.action === 'keep' && verdict.heldBy.length === 0) return;
    const limit = verdict.version.tags.length > 0 ? window : untaggedAfter;
    const old = new Date(version.uploadedAt.getTime() + limit * 1000);
    days.set(version, latest([old, grace.ends.get(version.digest) ?? old]));
  });
  holdParts(days, versions);
  return days;
}

/** The parts of an index can't be deleted before the index. */
function holdParts(days: Map<HeldVersion, Date>, versions: readonly HeldVersion[]): void {
  const parts = versions.filter(({ indexes = [] }) => indexes.length > 0);
  const wanted = new Set(parts.flatMap(({ indexes = [] }) => indexes));
  const indexes = versions.filter(({ digest }) => wanted.has(digest));
  const dayOf = new Map(indexes.map((index) => [nameOf(index), days.get(index)]));
  for (const part of parts) {
    const own = days.get(part);
    const held = part.indexes?.map((digest) => dayOf.get(`${part.packageName}@${digest}`)) ?? [];
    if (own === undefined || held.includes(undefined)) days.delete(part);
    else days.set(part, latest([own, ...held.filter((day) => day !== undefined)]));
  }
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

function nameOf({ packageName, digest }: HeldVersion): string {
  return `${packageName}@${digest}`;
}

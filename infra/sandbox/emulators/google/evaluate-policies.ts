import type { CleanupPolicy } from './cleanup-policy.ts';
import { millisecondsOf } from './field-types.ts';

/** What a policy looks at in a version. */
export interface PolicySubject {
  readonly packageName: string;
  /** Of an image: its digest. */
  readonly versionName: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly uploaded: number;
}

/** What becomes of a version; `policies` are the ids of those that decided, sorted. */
export interface Decision<Subject> {
  readonly version: Subject;
  /** `NONE`: no policy matches, and it stays. */
  readonly action: 'KEEP' | 'DELETE' | 'NONE';
  readonly policies: readonly string[];
}

type Condition = NonNullable<CleanupPolicy['condition']>;
type MostRecent = NonNullable<CleanupPolicy['mostRecentVersions']>;

/**
 * Artifact Registry's clean-up policies on the versions of one repository, at `now` (milliseconds
 * since 1970): what any KEEP policy matches stays, whatever DELETE policies match the rest goes, and
 * what none matches stays. Written from Google's descriptions ("Cleanup policies overview",
 * repository.proto), and on purpose from nothing that compiles policies.
 */
export function evaluatePolicies<Subject extends PolicySubject>(
  policies: Readonly<Record<string, CleanupPolicy>>,
  versions: readonly Subject[],
  now: number,
): readonly Decision<Subject>[] {
  const matching = Object.entries(policies).map(([id, policy]) => ({
    id,
    action: policy.action,
    matches: matcherOf(policy, versions, now),
  }));
  return versions.map((version) => {
    const matched = matching.filter(({ matches }) => matches(version));
    const idsOf = (action: string) =>
      matched.filter((policy) => policy.action === action).map(({ id }) => id);
    const [keeps, deletes] = [idsOf('KEEP').sort(), idsOf('DELETE').sort()];
    if (keeps.length > 0) return { version, action: 'KEEP', policies: keeps };
    if (deletes.length > 0) return { version, action: 'DELETE', policies: deletes };
    return { version, action: 'NONE', policies: [] };
  });
}

function matcherOf(
  { condition, mostRecentVersions }: CleanupPolicy,
  versions: readonly PolicySubject[],
  now: number,
): (version: PolicySubject) => boolean {
  if (mostRecentVersions !== undefined) return mostRecentMatcher(mostRecentVersions, versions);
  if (condition === undefined) return () => false;
  return (version) => meetsCondition(condition, version, now);
}

/** All fields that are set must match. */
function meetsCondition(condition: Condition, version: PolicySubject, now: number): boolean {
  const { olderThan, newerThan, tagPrefixes = [] } = condition;
  const age = now - version.uploaded;
  return (
    hasTagState(condition.tagState, version) &&
    (tagPrefixes.length === 0 || version.tags.some((tag) => startsWithAny(tag, tagPrefixes))) &&
    startsWithAny(version.versionName, condition.versionNamePrefixes) &&
    startsWithAny(version.packageName, condition.packageNamePrefixes) &&
    (olderThan === undefined || age > millisecondsOf(olderThan)) &&
    (newerThan === undefined || age < millisecondsOf(newerThan))
  );
}

function hasTagState(state: Condition['tagState'], { tags }: PolicySubject): boolean {
  if (state === 'TAGGED') return tags.length > 0;
  if (state === 'UNTAGGED') return tags.length === 0;
  return true;
}

/** Raw prefixes: `release-1.3` is one of `release-1.30`. An empty list asks for nothing. */
function startsWithAny(text: string, prefixes: readonly string[] = []): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => text.startsWith(prefix));
}

/** The newest of each package by upload; of several with the time of the last that fits, all. */
function mostRecentMatcher(
  { keepCount = 0, packageNamePrefixes }: MostRecent,
  versions: readonly PolicySubject[],
): (version: PolicySubject) => boolean {
  const oldestKept = new Map<string, number>();
  for (const [name, ofPackage] of Map.groupBy(versions, ({ packageName }) => packageName)) {
    if (!startsWithAny(name, packageNamePrefixes)) continue;
    const uploads = ofPackage.map(({ uploaded }) => uploaded).sort((a, b) => b - a);
    const last = uploads[Math.min(keepCount, uploads.length) - 1];
    if (last !== undefined) oldestKept.set(name, last);
  }
  return ({ packageName, uploaded }) => uploaded >= (oldestKept.get(packageName) ?? Infinity);
}

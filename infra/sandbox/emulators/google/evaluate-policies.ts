import type { CleanupPolicy } from './cleanup-policy.ts';
import { millisecondsOf } from './message-json.ts';

/** What a policy looks at in a version. */
export interface PolicySubject {
  readonly packageName: string;
  /** Of an image: its digest. */
  readonly versionName: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly uploaded: number;
  /** The names of the versions that an index refers to. */
  readonly children?: readonly string[];
}

/** Whether a version stays; `policies` are the sorted ids of the policies that decided. */
interface Decision<Subject> {
  readonly version: Subject;
  /** `HELD`: an index that is there refers to it, so that it can't be deleted. `NONE`: no policy matches, and it stays. */
  readonly action: 'KEEP' | 'DELETE' | 'HELD' | 'NONE';
  readonly policies: readonly string[];
}

/**
 * Artifact Registry's clean-up policies on the versions of one repository, at `now` (milliseconds
 * since 1970): what any KEEP policy matches stays, whatever DELETE policies match the rest goes unless an
 * index that is there refers to it, and what none matches stays. Every version counts among the newest. Written from Google's descriptions ("Cleanup policies overview",
 * repository.proto), and on purpose from nothing that compiles policies.
 */
export function evaluatePolicies<Subject extends PolicySubject>(
  policies: Readonly<Record<string, CleanupPolicy>>,
  versions: readonly Subject[],
  now: number,
): readonly Decision<Subject>[] {
  const all = Object.entries(policies)
    .map(([id, { action, condition, mostRecentVersions: recent }]) => {
      const isRecent = recent && mostRecentMatcher(recent, versions);
      const matches = (version: Subject) =>
        isRecent?.(version) ?? (condition !== undefined && meetsCondition(condition, version, now));
      return { id, action, matches };
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const nameOf = (packageName: string, name: string) => `${packageName}@${name}`;
  const referenced = new Set(
    versions.flatMap(({ packageName, children = [] }) =>
      children.map((child) => nameOf(packageName, child)),
    ),
  );
  return versions.map((version) => {
    const { packageName, versionName } = version;
    const isHeld = referenced.has(nameOf(packageName, versionName));
    for (const action of ['KEEP', 'DELETE'] as const) {
      const matching = all.filter((one) => one.action === action && one.matches(version));
      const policies = matching.map(({ id }) => id);
      if (policies.length === 0) continue;
      return { version, action: isHeld && action === 'DELETE' ? 'HELD' : action, policies };
    }
    return { version, action: 'NONE', policies: [] };
  });
}

/** All fields that are set must match. */
function meetsCondition(
  condition: NonNullable<CleanupPolicy['condition']>,
  version: PolicySubject,
  now: number,
): boolean {
  const { tagState, olderThan, newerThan, tagPrefixes = [] } = condition;
  const age = now - version.uploaded;
  return (
    (tagState !== 'TAGGED' || version.tags.length > 0) &&
    (tagState !== 'UNTAGGED' || version.tags.length === 0) &&
    (tagPrefixes.length === 0 || version.tags.some((tag) => startsWithAny(tag, tagPrefixes))) &&
    startsWithAny(version.versionName, condition.versionNamePrefixes) &&
    startsWithAny(version.packageName, condition.packageNamePrefixes) &&
    (olderThan === undefined || age > millisecondsOf(olderThan)) &&
    (newerThan === undefined || age < millisecondsOf(newerThan))
  );
}

/** Raw prefixes: `release-1.3` is one of `release-1.30`. An empty list matches everything. */
function startsWithAny(text: string, prefixes: readonly string[] = []): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => text.startsWith(prefix));
}

/** The newest of each package by upload; of several with the time of the last that fits, all. */
function mostRecentMatcher(
  { keepCount = 0, packageNamePrefixes }: NonNullable<CleanupPolicy['mostRecentVersions']>,
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

import type { InventoryVersion, Verdict } from './evaluate-policies.ts';

type Stored = Pick<InventoryVersion, 'packageName' | 'digest' | 'indexes'>;

/** Whether an index that is there names the version: the registry holds the version as long as the index. */
export function isMember({ indexes = [] }: Pick<Stored, 'indexes'>): boolean {
  return indexes.length > 0;
}

export function nameOf({ packageName, digest }: Pick<Stored, 'packageName' | 'digest'>): string {
  return `${packageName}@${digest}`;
}

/** Finds the indexes of a member that are among the versions. */
export function indexFinder<Version extends Stored>(versions: readonly Version[]) {
  const namesIn = ({ packageName, indexes = [] }: Version) =>
    indexes.map((digest) => nameOf({ packageName, digest }));
  const names = new Set(versions.flatMap(namesIn));
  const indexes = names.size === 0 ? [] : versions.filter((version) => names.has(nameOf(version)));
  const byName = new Map(indexes.map((index) => [nameOf(index), index]));
  return (member: Version): readonly Version[] =>
    namesIn(member).flatMap((name) => byName.get(name) ?? []);
}

/** The versions, each index before its members. */
export function indexesFirst<Version extends Stored>(
  versions: readonly Version[],
): readonly Version[] {
  const indexesOf = indexFinder(versions);
  const seen = new Set<Version>();
  const visit = (version: Version): readonly Version[] => {
    if (seen.has(version)) return [];
    seen.add(version);
    return [...indexesOf(version).flatMap(visit), version];
  };
  return versions.flatMap(visit);
}

/** Each member with the indexes that it belongs to, directly or through others, and that are no members themselves. */
export function outermostIndexes<Version extends Stored>(
  versions: readonly Version[],
): ReadonlyMap<Version, readonly Version[]> {
  const indexesOf = indexFinder(versions);
  const found = new Map<Version, readonly Version[]>();
  for (const version of indexesFirst(versions)) {
    if (!isMember(version)) continue;
    const indexes = indexesOf(version).flatMap((index) => found.get(index) ?? [index]);
    found.set(version, [...new Set(indexes)]);
  }
  return found;
}

/**
 * The verdicts, in their order, with those of members, which are never judged alone: a member that no KEEP policy
 * matches stays as long as one of its indexes, and goes in the clean-up after that of the last.
 */
export function judgeMembers<Version extends InventoryVersion>(
  verdicts: readonly Verdict<Version>[],
): readonly Verdict<Version>[] {
  const verdictOf = new Map(verdicts.map((verdict) => [verdict.version, verdict]));
  const versions = verdicts.map(({ version }) => version);
  const indexesOf = indexFinder(versions);
  for (const version of indexesFirst(versions)) {
    const verdict = verdictOf.get(version);
    if (verdict === undefined || !isMember(version) || isKept(verdict)) continue;
    const indexes = indexesOf(version);
    const isGoing = (index: Version) => verdictOf.get(index)?.action === 'delete';
    // An index that is not among them is in the registry all the same.
    const isHeld = indexes.length < (version.indexes ?? []).length || !indexes.every(isGoing);
    const action = isHeld ? 'keep' : 'delete';
    verdictOf.set(version, { ...verdict, action, heldBy: version.indexes ?? [] });
  }
  return versions.flatMap((version) => verdictOf.get(version) ?? []);
}

/** Whether a KEEP policy matches. */
function isKept({ policies, heldBy }: Verdict): boolean {
  return policies.length > 0 && heldBy.length === 0;
}

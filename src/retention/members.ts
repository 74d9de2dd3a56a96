import type { InventoryVersion, Verdict } from './evaluate-policies.ts';
import { isImmutable } from '../image-reference.ts';

type Stored = Pick<InventoryVersion, 'packageName' | 'digest' | 'indexes'>;

/** Whether an index that is there names the version: the registry holds the version as long as the index. */
export function isMember({ indexes = [] }: Pick<Stored, 'indexes'>): boolean {
  return indexes.length > 0;
}

/** Whether a version is nothing but a member. What was published before its image had several platforms is more. */
export function isOnlyMember(version: Pick<InventoryVersion, 'indexes' | 'tags'>): boolean {
  return isMember(version) && !version.tags.some(isImmutable);
}

export function nameOf({ packageName, digest }: Pick<Stored, 'packageName' | 'digest'>): string {
  return `${packageName}@${digest}`;
}

/** The members, each with those of its indexes that are among the versions, and after them. */
export function membersInOrder<Version extends Stored>(
  versions: readonly Version[],
): readonly (readonly [member: Version, indexes: readonly Version[]])[] {
  const members = versions.filter(isMember);
  const namesIn = ({ packageName, indexes = [] }: Version) =>
    indexes.map((digest) => nameOf({ packageName, digest }));
  const names = new Set(members.flatMap(namesIn));
  const indexes = names.size === 0 ? [] : versions.filter((version) => names.has(nameOf(version)));
  const byName = new Map(indexes.map((index) => [nameOf(index), index]));
  const ordered: [Version, readonly Version[]][] = [];
  const seen = new Set<Version>();
  const visit = (member: Version): void => {
    if (seen.has(member)) return;
    seen.add(member);
    const found = namesIn(member).flatMap((name) => byName.get(name) ?? []);
    for (const index of found) if (isMember(index)) visit(index);
    ordered.push([member, found]);
  };
  for (const member of members) visit(member);
  return ordered;
}

/** Each member with the indexes that it belongs to, directly or through others, and that are no members themselves. */
export function outermostIndexes<Version extends Stored>(
  versions: readonly Version[],
): ReadonlyMap<Version, readonly Version[]> {
  const found = new Map<Version, readonly Version[]>();
  for (const [member, indexes] of membersInOrder(versions)) {
    const outermost = indexes.flatMap((index) => found.get(index) ?? [index]);
    found.set(member, [...new Set(outermost)]);
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
  for (const [member, indexes] of membersInOrder(verdicts.map(({ version }) => version))) {
    const verdict = verdictOf.get(member);
    if (verdict === undefined) continue;
    const isKept = verdict.policies.length > 0 && verdict.heldBy.length === 0;
    if (isKept) continue;
    const { indexes: heldBy = [] } = member;
    const isGoing = (index: Version) => verdictOf.get(index)?.action === 'delete';
    // An index that is not among the versions is in the registry all the same.
    const isHeld = indexes.length < heldBy.length || !indexes.every(isGoing);
    verdictOf.set(member, { ...verdict, action: isHeld ? 'keep' : 'delete', heldBy });
  }
  return verdicts.flatMap(({ version }) => verdictOf.get(version) ?? []);
}

/**
 * A clean-up policy as Artifact Registry has it (repository.proto), also one that this project would
 * never write: what is looked at may be what somebody has set by hand.
 */
export interface RegistryPolicy {
  readonly id: string;
  readonly action: 'KEEP' | 'DELETE';
  readonly condition?: PolicyCondition;
  readonly mostRecentVersions?: {
    readonly keepCount: number;
    readonly packageNamePrefixes?: readonly string[];
  };
}

/** All that is set must match. An empty list asks for nothing. Durations are such as `86400s`. */
export interface PolicyCondition {
  readonly tagState?: 'TAGGED' | 'UNTAGGED' | 'ANY';
  readonly tagPrefixes?: readonly string[];
  readonly versionNamePrefixes?: readonly string[];
  readonly packageNamePrefixes?: readonly string[];
  readonly olderThan?: string;
  readonly newerThan?: string;
}

/** One version of a package, as far as policies look at it. */
export interface InventoryVersion {
  readonly packageName: string;
  readonly digest: string;
  /** All tags that name it. */
  readonly tags: readonly string[];
  /** When it was uploaded. Moving a tag to it later does not make it younger. */
  readonly uploadedAt: Date;
  /** Digests of the indexes in the registry that refer to it. */
  readonly indexes?: readonly string[];
}

/** What the next clean-up does with a version, and why. */
export interface Verdict<Version extends InventoryVersion = InventoryVersion> {
  readonly version: Version;
  readonly action: 'keep' | 'delete';
  /** The ids of the KEEP policies that match; if there are none, of the DELETE policies that do. */
  readonly policies: readonly string[];
  /** The indexes that keep it from being deleted, though a DELETE policy matches and no KEEP does. */
  readonly heldBy: readonly string[];
}

/**
 * What Artifact Registry's clean-up would do now with the versions of one repository, in their order.
 * KEEP beats DELETE, what no policy matches stays, and so does what an index refers to. Written from
 * Google's documentation, and on purpose without a look at what compiles policies here. Throws for a
 * duration that is no number of seconds.
 */
export function evaluatePolicies<Version extends InventoryVersion>(
  policies: readonly RegistryPolicy[],
  versions: readonly Version[],
  now: Date,
): readonly Verdict<Version>[] {
  const matchers = policies.map(({ id, action, condition, mostRecentVersions }) => {
    const newest = mostRecentVersions && newestVersions(mostRecentVersions, versions);
    const meets = condition && conditionMatcher(condition, now);
    const matches = (version: InventoryVersion): boolean =>
      newest?.has(version) ?? meets?.(version) ?? false;
    return { id, action, matches };
  });

  return versions.map((version) => {
    const [keeping, deleting]: [string[], string[]] = [[], []];
    for (const { id, action, matches } of matchers) {
      if (matches(version)) (action === 'KEEP' ? keeping : deleting).push(id);
    }
    if (keeping.length > 0 || deleting.length === 0) {
      return { version, action: 'keep', policies: keeping, heldBy: [] };
    }
    const heldBy = version.indexes ?? [];
    return { version, action: heldBy.length > 0 ? 'keep' : 'delete', policies: deleting, heldBy };
  });
}

function conditionMatcher(
  condition: PolicyCondition,
  now: Date,
): (version: InventoryVersion) => boolean {
  const { tagState = 'ANY', tagPrefixes = [] } = condition;
  const hasTag = prefixMatcher(tagPrefixes);
  const hasName = prefixMatcher(condition.versionNamePrefixes);
  const isInPackage = prefixMatcher(condition.packageNamePrefixes);
  const olderThan = condition.olderThan === undefined ? -Infinity : secondsOf(condition.olderThan);
  const newerThan = condition.newerThan === undefined ? Infinity : secondsOf(condition.newerThan);
  return ({ packageName, digest, tags, uploadedAt }) => {
    const seconds = (now.getTime() - uploadedAt.getTime()) / 1000;
    return (
      (tagState === 'ANY' || (tagState === 'TAGGED') === tags.length > 0) &&
      (tagPrefixes.length === 0 || tags.some(hasTag)) &&
      hasName(digest) &&
      isInPackage(packageName) &&
      seconds > olderThan &&
      seconds < newerThan
    );
  };
}

/** The newest of each package by itself. Where several are equally old, none of them is left out. */
function newestVersions(
  { keepCount, packageNamePrefixes }: NonNullable<RegistryPolicy['mostRecentVersions']>,
  versions: readonly InventoryVersion[],
): ReadonlySet<InventoryVersion> {
  const isCounted = prefixMatcher(packageNamePrefixes);
  const counted = versions.filter(({ packageName }) => isCounted(packageName));
  const packages = Map.groupBy(counted, ({ packageName }) => packageName);
  const newest = [...packages.values()].flatMap((ofPackage) => {
    const times = ofPackage.map(({ uploadedAt }) => uploadedAt.getTime()).sort((a, b) => b - a);
    const oldest = times.slice(0, keepCount).at(-1) ?? Infinity;
    return ofPackage.filter(({ uploadedAt }) => uploadedAt.getTime() >= oldest);
  });
  return new Set(newest);
}

function secondsOf(duration: string): number {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(duration) ?? [];
  if (seconds === undefined) throw new Error(`not a number of seconds: ${duration}`);
  return Number(seconds);
}

/**
 * Whether a text begins with any of the prefixes; every text does when there are none. As quick for a
 * thousand digests as for one: prefixes of one length are looked up at once.
 */
export function prefixMatcher(prefixes: readonly string[] = []): (text: string) => boolean {
  if (prefixes.length === 0) return () => true;
  const ofLength = Map.groupBy(new Set(prefixes), ({ length }) => length);
  const lookups = [...ofLength].map(([length, all]) => [length, new Set(all)] as const);
  return (text) => lookups.some(([length, known]) => known.has(text.slice(0, length)));
}

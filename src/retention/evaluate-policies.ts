/** A clean-up policy as Artifact Registry has it (repository.proto), also one that was set by hand. */
export interface RegistryPolicy {
  readonly id: string;
  readonly action: 'KEEP' | 'DELETE';
  readonly condition?: PolicyCondition;
  readonly mostRecentVersions?: {
    readonly keepCount: number;
    readonly packageNamePrefixes?: readonly string[];
  };
}

/** All that is set must match. An empty list matches everything. Durations are such as `86400s`. */
export interface PolicyCondition {
  readonly tagState?: 'TAGGED' | 'UNTAGGED' | 'ANY';
  readonly tagPrefixes?: readonly string[];
  readonly versionNamePrefixes?: readonly string[];
  readonly packageNamePrefixes?: readonly string[];
  readonly olderThan?: string;
  readonly newerThan?: string;
}

/** A version of a package, with the properties that policies are about. */
export interface InventoryVersion {
  readonly packageName: string;
  readonly digest: string;
  readonly tags: readonly string[];
  /** Moving a tag to the version does not make it younger. */
  readonly uploadedAt: Date;
  /** Digests of the indexes in the registry that refer to the version. */
  readonly indexes?: readonly string[];
  /** Digests of the versions that it is about, such as the image of a signature; not those in its tags. */
  readonly subjects?: readonly string[];
}

/** The decision of the next clean-up about a version. */
export interface Verdict<Version extends InventoryVersion = InventoryVersion> {
  readonly version: Version;
  readonly action: 'keep' | 'delete';
  /** The ids of the KEEP policies that match; if there are none, of the DELETE policies that do. */
  readonly policies: readonly string[];
  /** The indexes that keep a version that a DELETE policy matches and no KEEP policy. */
  readonly heldBy: readonly string[];
}

/**
 * The verdicts of Artifact Registry's clean-up on the versions of one repository, in their order. KEEP
 * beats DELETE. A version that no policy matches is kept, and so is a version that an index refers to.
 * Throws for a duration that is no number of seconds.
 *
 * This is written from Google's documentation, and on purpose independent of `compilePolicies` and of
 * the evaluation in the emulator (infra/sandbox/emulators/google).
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
    const keeping: string[] = [];
    const deleting: string[] = [];
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

/** The newest versions of each package. All versions as old as the last of them are included. */
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
 * Tests whether a text begins with any of the prefixes; without prefixes, every text does. One lookup serves
 * all prefixes of one length, so that a thousand digests cost as much as one.
 */
export function prefixMatcher(prefixes: readonly string[] = []): (text: string) => boolean {
  if (prefixes.length === 0) return () => true;
  const ofLength = Map.groupBy(new Set(prefixes), ({ length }) => length);
  const lookups = [...ofLength].map(([length, all]) => [length, new Set(all)] as const);
  return (text) => lookups.some(([length, known]) => known.has(text.slice(0, length)));
}

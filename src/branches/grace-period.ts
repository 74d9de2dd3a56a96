import type { Digest, Tag } from '../image-reference.ts';

/** A version that a supported branch needs, by the alias that stands for it in the registry. */
export interface NeededVersion {
  readonly image: string;
  readonly alias: Tag;
  /** The tag or the digest that the branch names; absent for a pin (see `candidateTags`). */
  readonly tag?: Tag | Digest;
  /** Absent while the registry does not have the version. */
  readonly digest?: Digest;
  /** UTC; when a version that was missing was found. Absent if the first lookup found it. */
  readonly foundAt?: string;
}

/** A version that no branch needs any more. */
export interface UnreferencedVersion {
  readonly image: string;
  readonly digest: Digest;
  /** UTC, such as `2026-11-24T17:30:00.000Z`: when its last reference went. */
  readonly since: string;
}

/** The pin of a branch that left. A branch that comes back within the grace period gets it again. */
interface FormerPin extends UnreferencedVersion {
  readonly alias: Tag;
}

/** What branches need, and needed until less than the grace period ago. Runs pass it on in the state. */
export interface TrackedVersions {
  readonly versions: readonly NeededVersion[];
  readonly unreferenced: readonly UnreferencedVersion[];
  readonly formerPins: readonly FormerPin[];
}

export const NONE_TRACKED: TrackedVersions = { versions: [], unreferenced: [], formerPins: [] };

const DAY_MS = 86_400_000;

/** Identifies a need: the names in it have no spaces. */
export function keyOf({ image, alias, tag }: NeededVersion): string {
  return `${image} ${alias} ${tag ?? ''}`;
}

export type Change = ReturnType<typeof changeNeeds>;

/**
 * Replaces the needs. New ones have no digest yet, except the pin of a branch that comes back. `orphans`
 * lose their last reference by this; the alias of each of `dropped` stands for nothing any more.
 */
export function changeNeeds(tracked: TrackedVersions, needs: readonly NeededVersion[], now: Date) {
  const known = new Map(tracked.versions.map((version) => [keyOf(version), version]));
  const versions = needs.map((need): NeededVersion => {
    const pin = tracked.formerPins.findLast((each) => aliasPlace(each) === aliasPlace(need));
    const digest = need.tag === undefined ? pin?.digest : undefined;
    return known.get(keyOf(need)) ?? { ...need, digest };
  });
  const aliases = new Set(needs.map(aliasPlace));
  const dropped = tracked.versions.filter((version) => !aliases.has(aliasPlace(version)));
  const pins = dropped.flatMap(({ image, alias, tag, digest }): readonly FormerPin[] =>
    tag === undefined && digest !== undefined
      ? [{ image, alias, digest, since: now.toISOString() }]
      : [],
  );
  const { unreferenced, orphans } = startGrace(tracked, versions, now);
  const formerPins = [...tracked.formerPins, ...pins];
  return { tracked: { versions, unreferenced, formerPins }, orphans, dropped };
}

/**
 * Takes out the digests of the needs in `isStale` (by `keyOf`): the registry has another digest by now,
 * or none. Each of them has its grace period, like every version that loses its last reference.
 */
export function dropStaleDigests(
  tracked: TrackedVersions,
  isStale: ReadonlySet<string>,
  now: Date,
): TrackedVersions {
  const versions = tracked.versions.map((version) => {
    const { image, alias, tag } = version;
    return isStale.has(keyOf(version)) ? { image, alias, tag } : version;
  });
  const { unreferenced } = startGrace(tracked, versions, now);
  return { ...tracked, versions, unreferenced };
}

/** Takes out what is needed again, and what has had its grace period (in seconds). */
export function endGrace(
  tracked: TrackedVersions,
  gracePeriod: number,
  now: Date,
): TrackedVersions {
  const { versions, unreferenced, formerPins } = tracked;
  const needed = new Set(versions.map(digestPlace));
  const isInGrace = ({ since }: UnreferencedVersion) =>
    Date.parse(since) + gracePeriod * 1000 > now.getTime();
  return {
    versions,
    unreferenced: unreferenced.filter((each) => isInGrace(each) && !needed.has(digestPlace(each))),
    formerPins: formerPins.filter(isInGrace),
  };
}

/**
 * Adds the digests that a lookup has found, by `keyOf`. Versions that were missing in `before` were
 * published in the meantime.
 */
export function addDigests(
  tracked: TrackedVersions,
  found: ReadonlyMap<string, Digest>,
  before: TrackedVersions,
  now: Date,
): TrackedVersions {
  const late = new Set(before.versions.map(keyOf));
  const versions = tracked.versions.map((version) => {
    const key = keyOf(version);
    const digest = found.get(key);
    if (version.digest !== undefined || digest === undefined) return version;
    const known = { ...version, digest };
    return late.has(key) ? { ...known, foundAt: now.toISOString() } : known;
  });
  return { ...tracked, versions };
}

/**
 * The digests that clean-up policies keep, in order. A version that was missing when a branch first
 * needed it joins them a day after it was found (see src/retention/README.md, "When policies change").
 */
export function keptDigests(
  tracked: TrackedVersions,
  gracePeriod: number,
  now: Date,
): readonly Digest[] {
  const settled = tracked.versions.filter(
    ({ foundAt }) => foundAt === undefined || Date.parse(foundAt) + DAY_MS <= now.getTime(),
  );
  const inGrace = endGrace(tracked, gracePeriod, now).unreferenced;
  const digests = [...settled, ...inGrace].flatMap(({ digest }) => digest ?? []);
  return [...new Set(digests)].sort();
}

/** Image → alias → digest, of the pins that are known. */
export function pinnedDigests({ versions }: TrackedVersions) {
  const pins = versions.filter(({ tag }) => tag === undefined);
  const images = [...Map.groupBy(pins, ({ image }) => image)].map(([image, ofImage]) => {
    const known = ofImage.flatMap(({ alias, digest }) =>
      digest === undefined ? [] : [[alias, digest] as const],
    );
    return [image, Object.fromEntries(known)] as const;
  });
  return Object.fromEntries(images);
}

/** The unreferenced versions once `versions` are those that are needed, and which of them are new. */
function startGrace(tracked: TrackedVersions, versions: readonly NeededVersion[], now: Date) {
  const needed = new Set(versions.map(digestPlace));
  const lost = tracked.versions.flatMap(({ image, digest }): readonly UnreferencedVersion[] => {
    if (digest === undefined || needed.has(digestPlace({ image, digest }))) return [];
    return [{ image, digest, since: now.toISOString() }];
  });
  const orphans = new Map(lost.map((orphan) => [digestPlace(orphan), orphan]));
  const others = tracked.unreferenced.filter((version) => !orphans.has(digestPlace(version)));
  return { unreferenced: [...others, ...orphans.values()], orphans: [...orphans.values()] };
}

function aliasPlace({ image, alias }: Pick<NeededVersion, 'image' | 'alias'>): string {
  return `${image} ${alias}`;
}

function digestPlace({ image, digest }: Pick<NeededVersion, 'image' | 'digest'>): string {
  return `${image}@${digest ?? ''}`;
}

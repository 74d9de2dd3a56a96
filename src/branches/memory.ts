import { keyOf, type VersionNeed } from './needs.ts';
import type { Digest, Tag } from '../image-reference.ts';

/** A needed version, with its digest as soon as the registry has been found to have it. */
export interface RememberedVersion extends VersionNeed {
  /** Absent while the registry does not have the version. Without a tag, the branch's pin. */
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
export interface FormerPin extends UnreferencedVersion {
  readonly alias: Tag;
}

/** The needs of branches, now and until the end of their grace, as runs pass them on in the state. */
export interface Memory {
  readonly versions: readonly RememberedVersion[];
  readonly unreferenced: readonly UnreferencedVersion[];
  readonly formerPins: readonly FormerPin[];
}

export const NO_MEMORY: Memory = { versions: [], unreferenced: [], formerPins: [] };

/** The effect of a change of needs. */
export interface Change {
  readonly memory: Memory;
  /** Versions that lost their last reference by this change. */
  readonly orphans: readonly UnreferencedVersion[];
  /** Versions whose alias stands for nothing any more. */
  readonly dropped: readonly RememberedVersion[];
}

const DAY_MS = 86_400_000;

/** Replaces the needs in the memory. New needs have no digest yet. */
export function changeNeeds(memory: Memory, needs: readonly VersionNeed[], now: Date): Change {
  const known = new Map(memory.versions.map((version) => [keyOf(version), version]));
  const versions = needs.map((need) => known.get(keyOf(need)) ?? pinAgain(need, memory.formerPins));
  const { unreferenced, orphans } = replaceVersions(memory, versions, now);
  const aliases = new Set(needs.map(aliasPlace));
  const dropped = memory.versions.filter((version) => !aliases.has(aliasPlace(version)));
  const pins = dropped.flatMap(({ image, alias, tag, digest }): readonly FormerPin[] => {
    if (tag !== undefined || digest === undefined) return [];
    return [{ image, alias, digest, since: now.toISOString() }];
  });
  const formerPins = [...memory.formerPins, ...pins];
  return { memory: { versions, unreferenced, formerPins }, orphans, dropped };
}

/**
 * Takes out the digests of the needs in `isStale` (by `keyOf`): the registry has another digest by now,
 * or none. These digests are kept for the grace period, like all that lose their last reference.
 */
export function forgetDigests(memory: Memory, isStale: ReadonlySet<string>, now: Date): Memory {
  const versions = memory.versions.map((version) => {
    if (!isStale.has(keyOf(version))) return version;
    const { image, alias, tag } = version;
    return tag === undefined ? { image, alias } : { image, alias, tag };
  });
  const { unreferenced } = replaceVersions(memory, versions, now);
  return { ...memory, versions, unreferenced };
}

/** Takes out what is needed again, and what has had its grace period (in seconds). */
export function forget(memory: Memory, gracePeriod: number, now: Date): Memory {
  const needed = placesOf(memory.versions);
  const isInGrace = ({ since }: UnreferencedVersion) =>
    Date.parse(since) + gracePeriod * 1000 > now.getTime();
  return {
    versions: memory.versions,
    unreferenced: memory.unreferenced.filter(
      (version) => isInGrace(version) && !needed.has(placeOf(version)),
    ),
    formerPins: memory.formerPins.filter(isInGrace),
  };
}

/**
 * Adds the digests that a lookup has found, by `keyOf`. Versions that were missing in `before` were
 * published in the meantime.
 */
export function remember(
  memory: Memory,
  found: ReadonlyMap<string, Digest>,
  before: Memory,
  now: Date,
): Memory {
  const late = new Set(before.versions.map(keyOf));
  const versions = memory.versions.map((version) => {
    const key = keyOf(version);
    const digest = found.get(key);
    if (version.digest !== undefined || digest === undefined) return version;
    if (!late.has(key)) return { ...version, digest };
    return { ...version, digest, foundAt: now.toISOString() };
  });
  return { ...memory, versions };
}

/**
 * The digests that clean-up policies keep, in order. A version that was missing when a branch first
 * needed it joins them a day after it was found: it is too young for any policy to delete, its alias
 * keeps it meanwhile, and so the policies do not change once more right after each publication.
 */
export function keptDigests(memory: Memory, gracePeriod: number, now: Date): readonly Digest[] {
  const settled = memory.versions.filter(
    ({ foundAt }) => foundAt === undefined || Date.parse(foundAt) + DAY_MS <= now.getTime(),
  );
  const inGrace = forget(memory, gracePeriod, now).unreferenced;
  const digests = [...settled, ...inGrace].flatMap(({ digest }) => digest ?? []);
  return [...new Set(digests)].sort();
}

/** Image → alias → digest, of the branches that name the image without a tag. */
export function pinnedDigests({
  versions,
}: Memory): Readonly<Record<string, Readonly<Record<string, Digest>>>> {
  const pins = versions.filter(({ tag }) => tag === undefined);
  const images = [...Map.groupBy(pins, ({ image }) => image)].map(([image, ofImage]) => {
    const known = ofImage.flatMap(({ alias, digest }) =>
      digest === undefined ? [] : [[alias, digest] as const],
    );
    return [image, Object.fromEntries(known)] as const;
  });
  return Object.fromEntries(images);
}

/** The unreferenced versions once `versions` replace the memory's own, and those that are new among them. */
function replaceVersions(memory: Memory, versions: readonly RememberedVersion[], now: Date) {
  const needed = placesOf(versions);
  const lost = memory.versions.flatMap(({ image, digest }): readonly UnreferencedVersion[] => {
    if (digest === undefined || needed.has(placeOf({ image, digest }))) return [];
    return [{ image, digest, since: now.toISOString() }];
  });
  const orphans = [...new Map(lost.map((orphan) => [placeOf(orphan), orphan])).values()];
  const isOrphan = placesOf(orphans);
  const others = memory.unreferenced.filter((version) => !isOrphan.has(placeOf(version)));
  return { unreferenced: [...others, ...orphans], orphans };
}

function pinAgain(need: VersionNeed, formerPins: readonly FormerPin[]): RememberedVersion {
  if (need.tag !== undefined) return need;
  const pin = formerPins.findLast((each) => aliasPlace(each) === aliasPlace(need));
  return pin === undefined ? need : { ...need, digest: pin.digest };
}

function aliasPlace({ image, alias }: Pick<VersionNeed, 'image' | 'alias'>): string {
  return `${image} ${alias}`;
}

type Place = Pick<RememberedVersion, 'image' | 'digest'>;

function placeOf({ image, digest }: Place): string {
  return `${image}@${digest ?? ''}`;
}

function placesOf(versions: readonly Place[]): ReadonlySet<string> {
  return new Set(versions.filter(({ digest }) => digest !== undefined).map(placeOf));
}

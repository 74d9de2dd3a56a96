import { keyOf, type VersionNeed } from './needs.ts';
import type { Digest, Tag } from '../image-reference.ts';

/** A needed version, as far as the registry has told which one it is. */
export interface RememberedVersion extends VersionNeed {
  /** Absent while the registry does not have it. Without a tag, this is what the branch is pinned to. */
  readonly digest?: Digest;
  /** UTC; when the registry had it at last. Absent where it had it at the first look. */
  readonly foundAt?: string;
}

/** A version that no branch needs any more. */
export interface UnreferencedVersion {
  readonly image: string;
  readonly digest: Digest;
  /** UTC, such as `2026-11-24T17:30:00.000Z`: when its last reference went. */
  readonly since: string;
}

/** What a branch that left was pinned to: should it come back in time, it is pinned there again. */
export interface FormerPin extends UnreferencedVersion {
  readonly alias: Tag;
}

/** What is remembered from run to run of what branches need and have needed. */
export interface Memory {
  readonly versions: readonly RememberedVersion[];
  readonly unreferenced: readonly UnreferencedVersion[];
  readonly formerPins: readonly FormerPin[];
}

export const NO_MEMORY: Memory = { versions: [], unreferenced: [], formerPins: [] };

/** What changes with other needs. */
export interface Change {
  readonly memory: Memory;
  /** Versions that lost their last reference just now. */
  readonly orphans: readonly UnreferencedVersion[];
  /** Versions whose alias stands for nothing any more. */
  readonly dropped: readonly RememberedVersion[];
}

const DAY_MS = 86_400_000;

/** The memory with `needs` in place of the ones of before; what is new in it has no digest yet. */
export function changeNeeds(memory: Memory, needs: readonly VersionNeed[], now: Date): Change {
  const known = new Map(memory.versions.map((version) => [keyOf(version), version]));
  const versions = needs.map(
    (need) => known.get(keyOf(need)) ?? { ...need, ...pinAgain(need, memory.formerPins) },
  );
  const aliases = new Set(needs.map(aliasPlace));
  const dropped = memory.versions.filter((version) => !aliases.has(aliasPlace(version)));
  const next = supersede({ ...memory, versions }, memory.versions, now);
  const pins = dropped.flatMap(({ image, alias, tag, digest }) =>
    tag === undefined && digest !== undefined
      ? [{ image, alias, digest, since: now.toISOString() }]
      : [],
  );
  return {
    memory: { ...next.memory, formerPins: [...memory.formerPins, ...pins] },
    orphans: next.orphans,
    dropped,
  };
}

/**
 * The memory without the digests that `isStale` names (`keyOf`): the registry has another one by now, or
 * none. They stay for the grace period, as all that loses its last reference.
 */
export function forgetDigests(memory: Memory, isStale: ReadonlySet<string>, now: Date): Memory {
  const versions = memory.versions.map((version) => {
    const { image, alias, tag } = version;
    if (!isStale.has(keyOf(version))) return version;
    return { image, alias, ...(tag !== undefined && { tag }) };
  });
  return supersede({ ...memory, versions }, memory.versions, now).memory;
}

/** The memory without what is needed again, and without what has had its grace period (in seconds). */
export function forget(memory: Memory, gracePeriod: number, now: Date): Memory {
  const isNeeded = placesOf(memory.versions);
  const isInGrace = ({ since }: UnreferencedVersion) =>
    Date.parse(since) + gracePeriod * 1000 > now.getTime();
  return {
    versions: memory.versions,
    unreferenced: memory.unreferenced.filter(
      (version) => !isNeeded.has(placeOf(version)) && isInGrace(version),
    ),
    formerPins: memory.formerPins.filter(isInGrace),
  };
}

/**
 * The memory with what the registry has been found to have now, by `keyOf`. What `before` has looked for
 * in vain was published in the meantime.
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
    const digest = version.digest === undefined ? found.get(key) : undefined;
    if (digest === undefined) return version;
    return { ...version, digest, ...(late.has(key) && { foundAt: now.toISOString() }) };
  });
  return { ...memory, versions };
}

/**
 * The digests that clean-up policies keep, in order. A version that was not there when it was needed
 * first joins them a day later: it is too young for any policy to delete, has its alias meanwhile, and
 * the policies do not change once more right after each publication.
 */
export function keptDigests(memory: Memory, gracePeriod: number, now: Date): readonly Digest[] {
  const settled = memory.versions.filter(
    ({ foundAt }) => foundAt === undefined || Date.parse(foundAt) + DAY_MS <= now.getTime(),
  );
  const inGrace = forget(memory, gracePeriod, now).unreferenced;
  const digests = [...settled, ...inGrace].flatMap(({ digest }) => digest ?? []);
  return [...new Set(digests)].sort();
}

/** Image → alias → digest, of the branches that name the image alone. */
export function pinnedDigests({
  versions,
}: Memory): Readonly<Record<string, Readonly<Record<string, Digest>>>> {
  const pins = versions.filter(({ tag }) => tag === undefined);
  const images = [...Map.groupBy(pins, ({ image }) => image)].map(([image, ofImage]) => {
    const known = ofImage.flatMap(({ alias, digest }) =>
      digest ? [[alias, digest] as const] : [],
    );
    return [image, Object.fromEntries(known)] as const;
  });
  return Object.fromEntries(images);
}

/** Adds to the memory what `before` had and nothing in it needs any more. */
function supersede(
  memory: Memory,
  before: readonly RememberedVersion[],
  now: Date,
): Pick<Change, 'memory' | 'orphans'> {
  const isNeeded = placesOf(memory.versions);
  const lost = before.flatMap(({ image, digest }) => {
    const isLost = digest !== undefined && !isNeeded.has(placeOf({ image, digest }));
    return isLost ? [{ image, digest, since: now.toISOString() }] : [];
  });
  const orphans = [...new Map(lost.map((orphan) => [placeOf(orphan), orphan])).values()];
  const isOrphan = placesOf(orphans);
  const others = memory.unreferenced.filter((version) => !isOrphan.has(placeOf(version)));
  return { memory: { ...memory, unreferenced: [...others, ...orphans] }, orphans };
}

function pinAgain(need: VersionNeed, formerPins: readonly FormerPin[]) {
  if (need.tag !== undefined) return {};
  const pin = formerPins.findLast((each) => aliasPlace(each) === aliasPlace(need));
  return pin === undefined ? {} : { digest: pin.digest };
}

function aliasPlace({ image, alias }: Pick<VersionNeed, 'image' | 'alias'>): string {
  return `${image} ${alias}`;
}

type Place = Pick<RememberedVersion, 'image' | 'digest'>;

function placeOf({ image, digest = '' as Digest }: Place): string {
  return `${image}@${digest}`;
}

function placesOf(versions: readonly Place[]): ReadonlySet<string> {
  return new Set(versions.filter(({ digest }) => digest !== undefined).map(placeOf));
}

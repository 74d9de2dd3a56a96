import { keyOf, type VersionNeed } from './version-needs.ts';
import type { Digest } from '../image-reference.ts';

/** A needed version, as far as the registry has told which one it is. */
export interface RememberedVersion extends VersionNeed {
  /** Absent while the registry does not have it. It never changes: the tag is immutable, the alias a pin. */
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

/** What is remembered from run to run of what branches need and have needed. */
export interface Memory {
  readonly versions: readonly RememberedVersion[];
  readonly unreferenced: readonly UnreferencedVersion[];
}

export const NO_MEMORY: Memory = { versions: [], unreferenced: [] };

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
  const versions = needs.map((need) => known.get(keyOf(need)) ?? need);
  const aliases = new Set(needs.map(({ image, alias }) => `${image} ${alias}`));
  const dropped = memory.versions.filter(({ image, alias }) => !aliases.has(`${image} ${alias}`));
  const isNeeded = placesOf(versions);
  const orphans = memory.versions.flatMap(({ image, digest }) => {
    const isLost = digest !== undefined && !isNeeded.has(placeOf({ image, digest }));
    return isLost ? [{ image, digest, since: now.toISOString() }] : [];
  });
  const unique = [...new Map(orphans.map((orphan) => [placeOf(orphan), orphan])).values()];
  const isOrphan = placesOf(unique);
  const before = memory.unreferenced.filter((version) => !isOrphan.has(placeOf(version)));
  return { memory: { versions, unreferenced: [...before, ...unique] }, orphans: unique, dropped };
}

/** The memory without what is needed again, and without what has had its grace period (in seconds). */
export function forget({ versions, unreferenced }: Memory, gracePeriod: number, now: Date): Memory {
  const isNeeded = placesOf(versions);
  const kept = unreferenced.filter(
    (version) => !isNeeded.has(placeOf(version)) && isInGrace(version, gracePeriod, now),
  );
  return { versions, unreferenced: kept };
}

/**
 * The memory with what the registry has been found to have now, by `keyOf`. What `before` has looked for
 * in vain was published in the meantime.
 */
export function remember(
  { versions, unreferenced }: Memory,
  found: ReadonlyMap<string, Digest>,
  before: Memory,
  now: Date,
): Memory {
  const late = new Set(before.versions.map(keyOf));
  return {
    unreferenced,
    versions: versions.map((version) => {
      const key = keyOf(version);
      const digest = version.digest === undefined ? found.get(key) : undefined;
      if (digest === undefined) return version;
      return { ...version, digest, ...(late.has(key) && { foundAt: now.toISOString() }) };
    }),
  };
}

/**
 * The digests that clean-up policies keep, in order. A version that was published after it was needed
 * joins them a day later: it is too young for any policy to delete, has its alias meanwhile, and the
 * policies do not change once more right after each publication.
 */
export function keptDigests(memory: Memory, gracePeriod: number, now: Date): readonly Digest[] {
  const settled = memory.versions.filter(
    ({ foundAt }) => foundAt === undefined || Date.parse(foundAt) + DAY_MS <= now.getTime(),
  );
  const inGrace = forget(memory, gracePeriod, now).unreferenced;
  const digests = [...settled, ...inGrace].flatMap(({ digest }) => digest ?? []);
  return [...new Set(digests)].sort();
}

function isInGrace({ since }: UnreferencedVersion, gracePeriod: number, now: Date): boolean {
  return Date.parse(since) + gracePeriod * 1000 > now.getTime();
}

type Place = Pick<RememberedVersion, 'image' | 'digest'>;

function placeOf({ image, digest = '' as Digest }: Place): string {
  return `${image}@${digest}`;
}

function placesOf(versions: readonly Place[]): ReadonlySet<string> {
  return new Set(versions.filter(({ digest }) => digest !== undefined).map(placeOf));
}

import { graceMarker } from './branch-alias.ts';
import { DAY_MS } from '../dates.ts';
import { isImmutable, type Digest, type Tag } from '../image-reference.ts';

/** A version that a supported branch needs, by the alias that stands for it in the registry. */
export interface NeededVersion {
  readonly image: string;
  readonly alias: Tag;
  /** The tag or the digest that the branch names; absent for a pin (see `candidateTags`). */
  readonly tag?: Tag | Digest;
  /** Absent while the registry does not have the version. */
  readonly digest?: Digest;
  /** UTC; when the first lookup missed the version. Absent if that found it. */
  readonly missedAt?: string;
}

/** A version that no branch needs any more. */
export interface UnreferencedVersion {
  readonly image: string;
  readonly digest: Digest;
  /** UTC, such as `2026-11-24T17:30:00.000Z`: when its last reference went. No two of an image have the same second. */
  readonly since: string;
  /** UTC; when a run first found that the grace period is over. */
  readonly endedAt?: string;
}

/**
 * The alias of a branch that no longer needs the image. The tag stays through the grace period, and is the
 * pin of a branch that comes back within it.
 */
export interface FormerAlias extends UnreferencedVersion {
  readonly alias: Tag;
}

/** What branches need, and needed until less than the grace period ago. Runs pass it on in the state. */
export interface TrackedVersions {
  readonly versions: readonly NeededVersion[];
  readonly unreferenced: readonly UnreferencedVersion[];
  readonly formerAliases: readonly FormerAlias[];
}

export const NONE_TRACKED: TrackedVersions = { versions: [], unreferenced: [], formerAliases: [] };

const YEAR_MS = 365 * DAY_MS;

/** Identifies a need: the names in it have no spaces. */
export function keyOf({ image, alias, tag }: NeededVersion): string {
  return `${image} ${alias} ${tag ?? ''}`;
}

/**
 * The time from which a grace period counts that begins now. A clock that is behind must not shorten it: the
 * time is no earlier than the newest one in `tracked` or of a commit (`others`). A time that is more than a year
 * ahead does not count.
 */
export function graceStart(tracked: TrackedVersions, now: Date, others: readonly string[]): Date {
  const { versions, unreferenced, formerAliases } = tracked;
  const recorded = [...unreferenced, ...formerAliases].map(({ since }) => since);
  const times = [...others, ...recorded, ...versions.flatMap(({ missedAt }) => missedAt ?? [])]
    .map((text) => Date.parse(text))
    .filter((time) => time < now.getTime() + YEAR_MS);
  return new Date(Math.max(now.getTime(), ...times));
}

/**
 * Replaces the needs. New ones have no digest yet, except the pin of a branch that comes back. A version that no
 * need is known to name has its grace period. The aliases that stand for nothing any more become former ones.
 */
export function changeNeeds(
  tracked: TrackedVersions,
  needs: readonly NeededVersion[],
  start: Date,
): TrackedVersions {
  const known = new Map(tracked.versions.map((version) => [keyOf(version), version]));
  const former = new Map(tracked.formerAliases.map((each) => [aliasPlace(each), each]));
  // The known version, since somebody may have moved the tag.
  const immutable = new Map<string, Digest | undefined>(
    tracked.versions.flatMap(({ image, tag, digest }) =>
      isImmutable(tag) ? [[`${image} ${tag}`, digest] as const] : [],
    ),
  );
  const versions = needs.map((need): NeededVersion => {
    const digest =
      need.tag === undefined
        ? former.get(aliasPlace(need))?.digest
        : immutable.get(`${need.image} ${need.tag}`);
    return known.get(keyOf(need)) ?? { ...need, digest };
  });
  const since = start.toISOString();
  for (const { image, alias, digest } of tracked.versions) {
    if (digest !== undefined)
      former.set(aliasPlace({ image, alias }), { image, alias, digest, since });
  }
  for (const need of needs) former.delete(aliasPlace(need));
  const unreferenced = startGrace(tracked, versions, start);
  return { versions, unreferenced, formerAliases: [...former.values()] };
}

/**
 * Takes out the digests of the needs in `isStale` (by `keyOf`): the registry has another digest by now.
 * Each of them has its grace period, like every version that loses its last reference.
 */
export function dropStaleDigests(
  tracked: TrackedVersions,
  isStale: ReadonlySet<string>,
  start: Date,
): TrackedVersions {
  const versions = tracked.versions.map((version) => {
    const { image, alias, tag } = version;
    return isStale.has(keyOf(version)) ? { image, alias, tag } : version;
  });
  return { ...tracked, versions, unreferenced: startGrace(tracked, versions, start) };
}

/**
 * Adds versions that the registry's markers name, and aliases at them: a state that was lost and made anew, or
 * restored from an earlier day, lacks them. Of two times for a version the later counts.
 */
export function joinGrace(
  tracked: TrackedVersions,
  marked: readonly UnreferencedVersion[],
  aliases: readonly FormerAlias[] = [],
): TrackedVersions {
  const needed = new Set(tracked.versions.map(digestPlace));
  const unreferenced = new Map(tracked.unreferenced.map((each) => [digestPlace(each), each]));
  for (const version of marked) {
    const place = digestPlace(version);
    const isLater = (unreferenced.get(place)?.since ?? '') < version.since;
    if (isLater && !needed.has(place)) unreferenced.set(place, version);
  }
  const formerAliases = [...tracked.formerAliases, ...aliases];
  return { ...tracked, unreferenced: [...unreferenced.values()], formerAliases };
}

/**
 * Takes out what is needed again, and what has had its grace period (in seconds). Two runs, a day apart, must
 * find that it is over: one clock that is ahead ends no grace period. `ended` are the aliases that go.
 */
export function endGrace(
  tracked: TrackedVersions,
  gracePeriod: number,
  now: Date,
): { readonly tracked: TrackedVersions; readonly ended: readonly FormerAlias[] } {
  const needed = new Set(tracked.versions.map(digestPlace));
  const time = now.getTime();
  const noteEnd = <Version extends UnreferencedVersion>(version: Version): Version => {
    const { since, endedAt } = version;
    if (Date.parse(since) + gracePeriod * 1000 > time) return { ...version, endedAt: undefined };
    const isNoted = endedAt !== undefined && Date.parse(endedAt) <= time;
    return isNoted ? version : { ...version, endedAt: now.toISOString() };
  };
  const isOver = ({ endedAt }: UnreferencedVersion) =>
    endedAt !== undefined && Date.parse(endedAt) + DAY_MS <= time;
  const unreferenced = tracked.unreferenced.map(noteEnd);
  const aliases = Object.groupBy(tracked.formerAliases.map(noteEnd), (each) =>
    isOver(each) ? 'ended' : 'staying',
  );
  return {
    tracked: {
      versions: tracked.versions,
      unreferenced: unreferenced.filter((each) => !isOver(each) && !needed.has(digestPlace(each))),
      formerAliases: aliases.staying ?? [],
    },
    ended: aliases.ended ?? [],
  };
}

/** Adds the digests that a lookup has found, by `keyOf`, and notes what it has missed. */
export function addDigests(
  tracked: TrackedVersions,
  found: ReadonlyMap<string, Digest>,
  now: Date,
): TrackedVersions {
  const versions = tracked.versions.map((version) => {
    if (version.digest !== undefined) return version;
    const digest = found.get(keyOf(version));
    return digest === undefined
      ? { ...version, missedAt: version.missedAt ?? now.toISOString() }
      : { ...version, digest };
  });
  return { ...tracked, versions };
}

/**
 * The digests that clean-up policies keep, in order. A version that was missing when a branch first
 * needed it joins them a day later, or whenever it is found after that (see src/retention/README.md, "When
 * policies change"). One that is in `before`, the digests of the last run, stays, and one that a wrong clock has
 * missed joins at once.
 */
export function keptDigests(
  tracked: TrackedVersions,
  gracePeriod: number,
  now: Date,
  before: readonly string[],
): readonly Digest[] {
  const dueVersions = tracked.versions.filter(({ digest = '', missedAt }) => {
    if (missedAt === undefined || before.includes(digest)) return true;
    const days = (now.getTime() - Date.parse(missedAt)) / DAY_MS;
    return days < 0 || days >= 1;
  });
  const inGrace = endGrace(tracked, gracePeriod, now).tracked.unreferenced;
  const digests = [...dueVersions, ...inGrace].flatMap(({ digest }) => digest ?? []);
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

/** The unreferenced versions once `versions` are those that are needed. */
function startGrace(
  tracked: TrackedVersions,
  versions: readonly NeededVersion[],
  start: Date,
): readonly UnreferencedVersion[] {
  const needed = new Set(versions.map(digestPlace));
  const lost = new Map(
    tracked.versions.flatMap(({ image, digest }) => {
      const place = digestPlace({ image, digest });
      return digest === undefined || needed.has(place) ? [] : [[place, { image, digest }] as const];
    }),
  );
  const others = tracked.unreferenced.filter((version) => !lost.has(digestPlace(version)));
  // A marker is a tag, which names one version of an image.
  const taken = new Set(others.map(markerPlace));
  return [...others, ...[...lost.values()].map((version) => startAt(version, start, taken))];
}

/** A version in its grace period from then on, or from the first second after that whose marker is not taken. */
export function startAt(
  version: Pick<UnreferencedVersion, 'image' | 'digest'>,
  start: Date,
  taken: Set<string>,
): UnreferencedVersion {
  let started = { ...version, since: start.toISOString() };
  for (let time = start.getTime(); taken.has(markerPlace(started)); time += 1000) {
    started = { ...version, since: new Date(time).toISOString() };
  }
  taken.add(markerPlace(started));
  return started;
}

/** Identifies a marker tag. */
export function markerPlace({
  image,
  since,
}: Pick<UnreferencedVersion, 'image' | 'since'>): string {
  return `${image}:${graceMarker(new Date(since))}`;
}

function aliasPlace({ image, alias }: Pick<NeededVersion, 'image' | 'alias'>): string {
  return `${image} ${alias}`;
}

function digestPlace({ image, digest }: Pick<NeededVersion, 'image' | 'digest'>): string {
  return `${image}@${digest ?? ''}`;
}

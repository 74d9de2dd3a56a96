import type { Digest, Tag } from '../image-reference.ts';
import type { InventoryVersion } from './evaluate-policies.ts';
import type { Need, References } from '../branches/references.ts';
import { graceMarker } from '../branches/branch-alias.ts';

/** A version that the registry holds; its package is the image's name. */
export interface HeldVersion extends InventoryVersion {
  readonly digest: Digest;
  /** Compressed, its layers included, also those that it shares with others. */
  readonly sizeBytes: number;
}

/** A branch's need with the version that meets it; without one, the registry does not have it. */
export interface ResolvedNeed {
  readonly need: Need;
  readonly version: HeldVersion | undefined;
}

/** What a branch that names an image alone gets as long as it has no pin. */
const LATEST = 'latest';

/**
 * Finds what the supported branches need among the versions that the registry holds. A branch that
 * names an image alone needs what it is pinned to by its alias; without a pin, what `latest` names,
 * to which the next `up` pins it.
 */
export function resolveNeeds(
  { needs }: References,
  versions: readonly HeldVersion[],
): readonly ResolvedNeed[] {
  const tagged = new Map(
    versions.flatMap((version) =>
      version.tags.map((tag) => [`${version.packageName}:${tag}`, version] as const),
    ),
  );
  return needs.map((need) => {
    const wanted = need.tag === undefined ? [need.branch.alias, LATEST] : [need.tag];
    const [version] = wanted.flatMap((name) => tagged.get(`${need.image}:${name}`) ?? []);
    return { need, version };
  });
}

/**
 * The versions, in their order, with the tags that the next `up` leaves at what it may let go: a
 * supported branch's alias goes away from what the branch does not need, unless it is to name what the
 * registry does not have yet; and each of `unmarked`, whose last reference has gone, is marked as of
 * `now`.
 */
export function expectedTags(
  versions: readonly HeldVersion[],
  aliases: readonly Tag[],
  resolved: readonly ResolvedNeed[],
  unmarked: ReadonlySet<HeldVersion>,
  now: Date,
): readonly HeldVersion[] {
  const known = new Set<string>(aliases);
  const targets = Map.groupBy(resolved, ({ need }) => `${need.image}:${need.branch.alias}`);
  const isLeaving = (version: HeldVersion, tag: string) => {
    if (!known.has(tag)) return false;
    const found = targets.get(`${version.packageName}:${tag}`) ?? [];
    return found.every((each) => each.version !== undefined && each.version !== version);
  };
  return versions.map((version) => {
    const tags = version.tags.filter((tag) => !isLeaving(version, tag));
    const marker = unmarked.has(version) ? [graceMarker(now)] : [];
    if (marker.length === 0 && tags.length === version.tags.length) return version;
    return { ...version, tags: [...tags, ...marker] };
  });
}

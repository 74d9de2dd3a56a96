import type { Tag } from '../image-reference.ts';
import { graceMarker } from '../branches/grace-marker.ts';
import type { HeldVersion } from './held-version.ts';
import type { ResolvedNeed } from './resolve-needs.ts';

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

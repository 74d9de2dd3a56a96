import { graceMarker } from '../references/grace-marker.ts';
import type { HeldVersion } from './held-version.ts';
import type { ResolvedNeed } from './resolve-needs.ts';

/**
 * The versions, in their order, with the tags that the next `up` leaves at what it may let go: a
 * supported branch's alias moves away to what the branch needs, if the registry has that, and each of
 * `unmarked`, whose last reference has gone, is marked as of `now`.
 */
export function expectedTags(
  versions: readonly HeldVersion[],
  resolved: readonly ResolvedNeed[],
  unmarked: ReadonlySet<HeldVersion>,
  now: Date,
): readonly HeldVersion[] {
  const targets = Map.groupBy(resolved, ({ need }) => `${need.image}:${need.branch.alias}`);
  const isLeaving = (version: HeldVersion, tag: string) => {
    const found = targets.get(`${version.packageName}:${tag}`)?.map((each) => each.version);
    return found?.every((target) => target !== undefined && target !== version) ?? false;
  };
  return versions.map((version) => {
    const tags = version.tags.filter((tag) => !isLeaving(version, tag));
    const marker = unmarked.has(version) ? [graceMarker(now)] : [];
    if (marker.length === 0 && tags.length === version.tags.length) return version;
    return { ...version, tags: [...tags, ...marker] };
  });
}

import type { InventoryVersion } from './evaluate-policies.ts';
import { graceMarker } from '../branches/branch-alias.ts';
import type { Need, References } from '../branches/references.ts';
import type { Digest, Tag } from '../image-reference.ts';

/** A version that the registry holds. Its package is the image's name. */
export interface HeldVersion extends InventoryVersion {
  readonly digest: Digest;
  /** Compressed, with all its layers, also those that it shares with other versions. */
  readonly sizeBytes: number;
}

/** A branch's need with the version that meets it; without one, the registry does not have it. */
export interface ResolvedNeed {
  readonly need: Need;
  readonly version: HeldVersion | undefined;
}

const LATEST = 'latest';

/**
 * Finds the versions that the supported branches need. A branch that names an image without a tag needs
 * the version of its alias, which is its pin. Without a pin, it needs the version of `latest`, to which
 * the next `up` pins it.
 */
export function resolveNeeds(
  { needs }: References,
  versions: readonly HeldVersion[],
): readonly ResolvedNeed[] {
  const byTag = new Map(
    versions.flatMap((version) =>
      version.tags.map((tag) => [`${version.packageName}:${tag}`, version] as const),
    ),
  );
  return needs.map((need) => {
    const tags = need.tag === undefined ? [need.branch.alias, LATEST] : [need.tag];
    const [version] = tags.flatMap((tag) => byTag.get(`${need.image}:${tag}`) ?? []);
    return { need, version };
  });
}

/**
 * The versions, in their order, with their tags after the next `up`. A supported branch's alias moves
 * from a version that the branch does not need, unless the registry lacks the version that it needs.
 * Each version of `unmarked`, whose last reference has gone, gets a marker with the time `now`.
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
  const isMoving = (version: HeldVersion, tag: string) => {
    if (!known.has(tag)) return false;
    const found = targets.get(`${version.packageName}:${tag}`) ?? [];
    return found.every((each) => each.version !== undefined && each.version !== version);
  };
  return versions.map((version) => {
    const tags = version.tags.filter((tag) => !isMoving(version, tag));
    const marker = unmarked.has(version) ? [graceMarker(now)] : [];
    return { ...version, tags: [...tags, ...marker] };
  });
}

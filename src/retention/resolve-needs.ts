import type { Need, References } from '../branches/references.ts';
import type { HeldVersion } from './held-version.ts';

/** A branch's need with the version that meets it; without one, the registry does not have it. */
export interface ResolvedNeed {
  readonly need: Need;
  readonly version: HeldVersion | undefined;
}

/** What a branch that names an image alone gets as long as it has no pin. */
export const LATEST = 'latest';

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

import type { RegistryPolicy } from './evaluate-policies.ts';
import type { HeldVersion } from './resolve-needs.ts';
import type { Retention } from './retention.ts';
import { markedAt } from '../branches/branch-alias.ts';
import { neededTags } from '../branches/needs.ts';
import type { Need, References } from '../branches/references.ts';

/**
 * Divides the needs that the registry does not meet: `missing` were met before, `unpublished` never. The
 * registry shows that a need was met in two ways: its alias is at a version that has no tag of its own any
 * more, or the live policies keep a digest that the registry does not have, whichever image that belonged to.
 */
export function divideUnmet(
  unmet: readonly Need[],
  versions: readonly HeldVersion[],
  live: readonly RegistryPolicy[],
  references: References,
  { allow }: Pick<Retention, 'allow'>,
): { readonly missing: readonly Need[]; readonly unpublished: readonly Need[] } {
  const held = new Set<string>(versions.map(({ digest }) => digest));
  const allowed = new Set<string>(allow.flatMap(({ digest }) => digest ?? []));
  const isLost = live
    .filter(({ id }) => /^keep-digests(-\d+)?$/.test(id))
    .flatMap(({ condition }) => condition?.versionNamePrefixes ?? [])
    .some((digest) => !held.has(digest) && !allowed.has(digest));
  const needed = neededTags(references);
  const aliases = new Set(Object.values(needed).flatMap((ofImage) => Object.keys(ofImage)));
  const isAlias = (tag: string) => aliases.has(tag) || markedAt(tag) !== undefined;
  const isUntagged = ({ image, tag, digest }: Need) => {
    const own = Object.entries(needed[image] ?? {}).flatMap(([alias, version]) =>
      version === (tag ?? digest ?? '') ? [alias] : [],
    );
    return versions.some(
      ({ packageName, tags }) =>
        packageName === image && tags.every(isAlias) && own.some((alias) => tags.includes(alias)),
    );
  };
  const groups = Map.groupBy(unmet, (need) => isLost || isUntagged(need));
  return { missing: groups.get(true) ?? [], unpublished: groups.get(false) ?? [] };
}

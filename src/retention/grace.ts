import type { Digest } from '../image-reference.ts';
import { markedAt } from '../branches/grace-marker.ts';
import type { RegistryPolicy } from './evaluate-policies.ts';
import type { HeldVersion } from './held-version.ts';
import { prefixMatcher } from './prefix-matcher.ts';
import type { ResolvedNeed } from './resolve-needs.ts';
import type { Retention } from './retention.ts';

/** What has lost its last reference. */
export interface Grace {
  /** When the grace of a digest ends, be it over or not: policies protect it in every package. */
  readonly ends: ReadonlyMap<Digest, Date>;
  /** Those that the registry still protects and nobody has marked: the next `up` does. */
  readonly unmarked: ReadonlySet<HeldVersion>;
}

/**
 * Works out the grace periods of the versions that no branch needs and no entry allows by digest: from
 * their newest marker; or, without one, from `now` where the live policies protect them as needed.
 */
export function gracePeriods(
  versions: readonly HeldVersion[],
  resolved: readonly ResolvedNeed[],
  live: readonly RegistryPolicy[],
  retention: Retention,
  now: Date,
): Grace {
  const needed = new Set(resolved.map(({ version }) => version?.digest));
  const allowed = new Set(retention.allow.map(({ digest }) => digest));
  const isProtected = protectedBy(live, retention);
  const ends = new Map<Digest, Date>();
  const unmarked = new Set<HeldVersion>();
  for (const version of versions) {
    if (needed.has(version.digest) || allowed.has(version.digest)) continue;
    const marked = version.tags.flatMap((tag) => markedAt(tag)?.getTime() ?? []);
    if (marked.length === 0 && !isProtected(version)) continue;
    if (marked.length === 0) unmarked.add(version);
    const start = marked.length === 0 ? now.getTime() : Math.max(...marked);
    const end = new Date(start + retention.gracePeriod * 1000);
    const other = ends.get(version.digest);
    if (other === undefined || other < end) ends.set(version.digest, end);
  }
  return { ends, unmarked };
}

/** By a digest, or by an alias that is none of the file's: a branch's, then. */
function protectedBy(
  live: readonly RegistryPolicy[],
  { keepAliases }: Retention,
): (version: HeldVersion) => boolean {
  const listed = (id: RegExp, list: 'versionNamePrefixes' | 'tagPrefixes') =>
    live.flatMap((policy) => (id.test(policy.id) ? (policy.condition?.[list] ?? []) : []));
  const digests = listed(/^keep-digests(-\d+)?$/, 'versionNamePrefixes');
  const hasDigest = digests.length === 0 ? () => false : prefixMatcher(digests);
  const aliases = new Set(listed(/^keep-aliases(-\d+)?$/, 'tagPrefixes'));
  for (const alias of keepAliases) aliases.delete(alias);
  return ({ digest, tags }) => hasDigest(digest) || tags.some((tag) => aliases.has(tag));
}

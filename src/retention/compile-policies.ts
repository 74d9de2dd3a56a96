import { findTooManyPolicies, keepLists, ordered, type KeptForBranches } from './keep-lists.ts';
import type { Retention } from './retention.ts';

/** A clean-up policy of Artifact Registry, as far as this project uses them (repository.proto). */
export type CleanupPolicy = { readonly id: string } & (
  | { readonly action: 'KEEP'; readonly condition: KeepCondition }
  | { readonly action: 'KEEP'; readonly mostRecentVersions: { readonly keepCount: number } }
  | { readonly action: 'DELETE'; readonly condition: DeleteCondition }
);

/**
 * Matches a version that meets all lists that are set; any one of its prefixes meets a list. Artifact
 * Registry takes `tagPrefixes` with the state TAGGED only.
 */
type KeepCondition =
  | {
      readonly tagState: 'TAGGED';
      readonly tagPrefixes: readonly string[];
      readonly packageNamePrefixes?: readonly string[];
    }
  | { readonly tagState: 'ANY'; readonly packageNamePrefixes: readonly string[] }
  | { readonly tagState: 'ANY'; readonly versionNamePrefixes: readonly string[] };

/**
 * Deletes by age, always, and never by prefix: a prefix matches more than its author means
 * (`release-1.3` is a prefix of `release-1.30`). The type has no room for anything else.
 */
interface DeleteCondition {
  readonly tagState: 'TAGGED' | 'UNTAGGED';
  /** Whole seconds, such as `7776000s`. */
  readonly olderThan: `${number}s`;
}

export class TooManyPoliciesError extends Error {
  override readonly name = 'TooManyPoliciesError';
}

/**
 * Compiles the clean-up policies of an Artifact Registry repository: at most ten. The same input gives the same
 * ids in the same order, so that previews show no difference; the order means nothing to the registry. The dry
 * run is no policy, but a switch of the repository.
 *
 * Prefixes may keep too much, which is safe: an alias `release-1.3` keeps `release-1.30` too, an image
 * `debian-1` also `debian-12`, and `image:tag` entries in one policy every listed tag of every listed image.
 *
 * Throws a TooManyPoliciesError when more than ten would be needed.
 */
export function compilePolicies(
  retention: Retention,
  kept: KeptForBranches,
): readonly CleanupPolicy[] {
  const tooMany = findTooManyPolicies(retention, kept);
  if (tooMany !== undefined) {
    throw new TooManyPoliciesError(`${tooMany.problem}; ${tooMany.remedy}`);
  }
  const { aliases, images, tags, digests } = keepLists(retention, kept);
  return [
    { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: retention.keepNewest } },
    ...keepParts('keep-aliases', aliases, (tagPrefixes) => ({ tagState: 'TAGGED', tagPrefixes })),
    ...keepParts('keep-allowed-images', images, (packageNamePrefixes) => ({
      tagState: 'ANY',
      packageNamePrefixes,
    })),
    ...keepParts('keep-allowed-tags', tags, (entries) => ({
      tagState: 'TAGGED',
      packageNamePrefixes: ordered(entries.map(({ image }) => image)),
      tagPrefixes: ordered(entries.map(({ tag }) => tag)),
    })),
    // A version's name is its digest, which needs no condition for the image.
    ...keepParts('keep-digests', digests, (versionNamePrefixes) => ({
      tagState: 'ANY',
      versionNamePrefixes,
    })),
    deletePolicy('delete-tagged', 'TAGGED', retention.window),
    deletePolicy('delete-untagged', 'UNTAGGED', retention.untaggedAfter),
  ];
}

/** One policy for each part of a list. The first has the list's id, so that growth renames none. */
function keepParts<Part>(
  id: string,
  parts: readonly Part[],
  conditionOf: (part: Part) => KeepCondition,
): readonly CleanupPolicy[] {
  return parts.map((part, position) => ({
    id: position === 0 ? id : `${id}-${position + 1}`,
    action: 'KEEP',
    condition: conditionOf(part),
  }));
}

/**
 * The two DELETE policies match different versions, so that neither cuts the other's time short. The
 * age is in seconds: the registry returns days as seconds, which every preview would show as a difference.
 */
function deletePolicy(id: string, tagState: 'TAGGED' | 'UNTAGGED', seconds: number): CleanupPolicy {
  return { id, action: 'DELETE', condition: { tagState, olderThan: `${seconds}s` } };
}

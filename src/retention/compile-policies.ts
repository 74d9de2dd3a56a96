import {
  findTooManyPolicies,
  keepLists,
  ordered,
  type KeepLists,
  type Protection,
} from './keep-lists.ts';
import type { Retention } from './retention.ts';

/** Whole seconds as Google's JSON has durations, such as `7776000s`. */
type SecondsText = `${number}s`;

/** Keeps what meets all the lists that are set; a list is met by any one of its prefixes. */
interface ConditionalKeepPolicy {
  /** Unique in the repository, kebab-case, below 128 characters. */
  readonly id: string;
  readonly action: 'KEEP';
  readonly condition: KeepCondition;
}

/** Artifact Registry takes `tagPrefixes` with the state TAGGED only. */
type KeepCondition =
  | {
      readonly tagState: 'TAGGED';
      readonly tagPrefixes: readonly string[];
      readonly packageNamePrefixes?: readonly string[];
    }
  | { readonly tagState: 'ANY'; readonly packageNamePrefixes: readonly string[] }
  | { readonly tagState: 'ANY'; readonly versionNamePrefixes: readonly string[] };

/** Keeps the newest versions of each package. */
interface KeepNewestPolicy {
  readonly id: string;
  readonly action: 'KEEP';
  readonly mostRecentVersions: { readonly keepCount: number };
}

/**
 * Deletes by age, always; never by prefix, since a prefix matches more than one means to
 * (`release-1.3` is one of `release-1.30`). The type has no room for anything else.
 */
interface DeletePolicy {
  readonly id: string;
  readonly action: 'DELETE';
  readonly condition: {
    readonly tagState: 'TAGGED' | 'UNTAGGED';
    readonly olderThan: SecondsText;
  };
}

/** A clean-up policy of Artifact Registry, as far as this project uses them (repository.proto). */
export type CleanupPolicy = ConditionalKeepPolicy | KeepNewestPolicy | DeletePolicy;

/** More policies are needed than a repository takes. The message says what to shorten. */
export class TooManyPoliciesError extends Error {
  override readonly name = 'TooManyPoliciesError';
}

/**
 * The clean-up policies of an Artifact Registry repository that do what `retention` says and keep what
 * `protection` names: at most ten, with the same ids in the same order for the same content. The dry
 * run is no policy, but a switch of the repository.
 *
 * Prefixes only ever keep. They may keep too much: an alias `release-1.3` keeps `release-1.30` too, an
 * image `debian-1` also `debian-12`, and `image:tag` entries in one policy every listed tag of every
 * listed image. Too much kept is safe. KEEP wins over DELETE, so the order means nothing to the
 * registry.
 *
 * Throws a `TooManyPoliciesError` when more than ten would be needed.
 */
export function compilePolicies(
  retention: Retention,
  protection: Protection,
): readonly CleanupPolicy[] {
  const flaw = findTooManyPolicies(retention, protection);
  if (flaw !== undefined) throw new TooManyPoliciesError(`${flaw.problem}; ${flaw.remedy}`);
  return [
    {
      id: 'keep-newest',
      action: 'KEEP',
      mostRecentVersions: { keepCount: retention.keepNewest },
    },
    ...keepPolicies(keepLists(retention, protection)),
    deletePolicy('TAGGED', retention.window),
    deletePolicy('UNTAGGED', retention.untaggedAfter),
  ];
}

function keepPolicies({ aliases, images, tags, digests }: KeepLists): readonly CleanupPolicy[] {
  return [
    ...keepPieces('keep-aliases', aliases, (tagPrefixes) => ({ tagState: 'TAGGED', tagPrefixes })),
    ...keepPieces('keep-allowed-images', images, (packageNamePrefixes) => ({
      tagState: 'ANY',
      packageNamePrefixes,
    })),
    ...keepPieces('keep-allowed-tags', tags, (entries) => ({
      tagState: 'TAGGED',
      packageNamePrefixes: ordered(entries.map(({ image }) => image)),
      tagPrefixes: ordered(entries.map(({ tag }) => tag)),
    })),
    // Not by image as well: a version's name is its digest, which needs no second condition.
    ...keepPieces('keep-digests', digests, (versionNamePrefixes) => ({
      tagState: 'ANY',
      versionNamePrefixes,
    })),
  ];
}

function keepPieces<Piece>(
  id: string,
  pieces: readonly Piece[],
  conditionOf: (piece: Piece) => KeepCondition,
): readonly CleanupPolicy[] {
  return pieces.map((piece, position) => ({
    id: position === 0 ? id : `${id}-${position + 1}`,
    action: 'KEEP',
    condition: conditionOf(piece),
  }));
}

/** By age alone. The two share no version, so that the longer of two times is never cut short. */
function deletePolicy(tagState: 'TAGGED' | 'UNTAGGED', seconds: number): CleanupPolicy {
  // In seconds: days are taken as well, but come back as seconds, a difference in every preview.
  const olderThan: SecondsText = `${seconds}s`;
  return {
    id: tagState === 'TAGGED' ? 'delete-tagged' : 'delete-untagged',
    action: 'DELETE',
    condition: { tagState, olderThan },
  };
}

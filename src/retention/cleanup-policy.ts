/** Whole seconds as Google's JSON has durations, such as `7776000s`. */
export type SecondsText = `${number}s`;

/** Keeps what meets all the lists that are set; a list is met by any one of its prefixes. */
export interface ConditionalKeepPolicy {
  /** Unique in the repository, kebab-case, below 128 characters. */
  readonly id: string;
  readonly action: 'KEEP';
  readonly condition: KeepCondition;
}

/** Artifact Registry takes `tagPrefixes` with the state TAGGED only. */
export type KeepCondition =
  | {
      readonly tagState: 'TAGGED';
      readonly tagPrefixes: readonly string[];
      readonly packageNamePrefixes?: readonly string[];
    }
  | { readonly tagState: 'ANY'; readonly packageNamePrefixes: readonly string[] }
  | { readonly tagState: 'ANY'; readonly versionNamePrefixes: readonly string[] };

/** Keeps the newest versions of each package. */
export interface KeepNewestPolicy {
  readonly id: string;
  readonly action: 'KEEP';
  readonly mostRecentVersions: { readonly keepCount: number };
}

/**
 * Deletes by age, always; never by prefix, since a prefix matches more than one means to
 * (`release-1.3` is one of `release-1.30`). The type has no room for anything else.
 */
export interface DeletePolicy {
  readonly id: string;
  readonly action: 'DELETE';
  readonly condition: {
    readonly tagState: 'TAGGED' | 'UNTAGGED';
    readonly olderThan: SecondsText;
  };
}

/** A clean-up policy of Artifact Registry, as far as this project uses them (repository.proto). */
export type CleanupPolicy = ConditionalKeepPolicy | KeepNewestPolicy | DeletePolicy;

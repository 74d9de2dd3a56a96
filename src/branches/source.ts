/** A repository whose branches use the images. */
export interface Source {
  /** Kebab-case; stands in messages. */
  readonly name: string;
  /** Comes before the branch's name in aliases, for branches that another source has as well. */
  readonly aliasPrefix?: string;
  /** A clone, by its path (absolute, or relative to the checkout), or a URL. */
  readonly repository: string;
  readonly branches: BranchRule;
  /** Combined: what any of them finds is needed. Never empty. */
  readonly references: readonly ReferenceReader[];
}

/** Which branches are supported: these, or the default one and the newest releases. */
export type BranchRule =
  | { readonly only: readonly string[] }
  | {
      /** Absent: the one that the repository's HEAD names. */
      readonly default?: string;
      readonly releases?: ReleaseRule;
    };

export interface ReleaseRule {
  /** Such as `release-*`; the star stands for the version, such as 2.31. */
  readonly glob: string;
  /** So many of them, by the numbers in their versions. */
  readonly newest: number;
}

/** How a branch says what it needs. */
export type ReferenceReader = CatalogReader | PatternReader;

/** The branch's own catalog: each image with the exact tag that follows from the branch's files. */
export interface CatalogReader {
  /** The catalog's path in the repository. */
  readonly catalog: string;
}

/** What a pattern finds in files, line by line. */
export interface PatternReader {
  /** Globs: see `compileGlob`. */
  readonly files: readonly string[];
  /** Has a group `image`, and may have others, such as `tag`. */
  readonly pattern: RegExp;
  /** The image's name, with groups as `${image}`. */
  readonly image: string;
}

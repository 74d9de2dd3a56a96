import type { RE2JS } from 're2js';
import type { CommitTree } from '../file-tree.ts';
import type { NamedImage } from '../image-reference.ts';
import { CodedError } from '../problem.ts';

/** A repository whose branches use the images. */
export interface Source {
  /** For messages. */
  readonly name: string;
  /** Comes before the branch's name in its aliases, to tell it from another source's branch. */
  readonly aliasPrefix?: string;
  /** A clone, by its path (absolute, or relative to the checkout), or a URL. */
  readonly repository: string;
  readonly branches: BranchRule;
  /** The versions of branches that name the image alone. */
  readonly pins: readonly Pin[];
  /** Commits from which on a branch may come to need much less: see `branchProblems`. */
  readonly accept: readonly string[];
  /** Never empty. A branch needs what any of its readers finds. */
  readonly references: readonly ReferenceReader[];
}

/** A line of `pins`. */
export interface Pin extends NamedImage {
  readonly branch: string;
  /** Where its version stands in the retention file, 1-based. */
  readonly line?: number;
  readonly column?: number;
}

export type BranchRule = { readonly only: readonly string[] } | NewestBranches;

export interface NewestBranches {
  /** Absent: the branch that the repository's HEAD names. */
  readonly default?: string;
  readonly releases?: {
    /** Such as `release-*`; the star stands for the version, such as 2.31. */
    readonly glob: string;
    readonly newest: number;
    /** Branches that are no releases, whatever their names. */
    readonly except?: readonly string[];
    /** Releases whose versions are far from the others, or equal to that of another. */
    readonly accept?: readonly string[];
  };
}

/**
 * How to find the images that a branch needs: in files, or from the branch's own catalog at a path of the
 * repository: each image of it, by the exact tag that follows from the branch's files.
 */
export type ReferenceReader = { readonly catalog: string } | FileReader;

export type FileReader = PatternReader | YamlReader;

interface SearchedFiles {
  /** Globs: see `compileGlob`. Unless it is optional, each of them finds an image on every branch. */
  readonly files: readonly { readonly glob: string; readonly optional: boolean }[];
  /** The image's name, with groups as `${image}`. */
  readonly image: string;
  /** Whether a branch may have no reference, and no file, that the reader finds. */
  readonly optional: boolean;
  /** Lines, without blanks at their ends, that are left out. */
  readonly ignore: readonly string[];
}

/** Searches files for a pattern, line by line. */
export interface PatternReader extends SearchedFiles {
  /** Has a group `image`, and may have `tag`, `digest` and those in `image`. */
  readonly pattern: RE2JS;
  /** See `patternKey`. */
  readonly patternKey?: RegExp | undefined;
}

/** Reads files as YAML. */
export interface YamlReader extends SearchedFiles {
  /** The key whose values are references, wherever it stands. */
  readonly key: string;
}

/**
 * What a reader reads and by what, such as `tests/*.yml by cloud_image`: the same wherever it stands in its
 * source. Readers with the same key count as one.
 */
export function readerKey(reader: ReferenceReader): string {
  if ('catalog' in reader) return reader.catalog;
  const files = reader.files.map(({ glob }) => glob).toSorted();
  // Written as RegExp writes it, with `\/` for a slash: what was found before is kept under this key.
  const key = 'key' in reader ? reader.key : new RegExp(reader.pattern.pattern(), 'u').source;
  return `${files.join(', ')} by ${key}`;
}

export interface SourceRepository {
  /** The branch that HEAD names; absent when HEAD is detached. */
  readonly defaultBranch?: string;
  readonly branches: ReadonlySet<string>;
  /** What may be a mistake, and fits behind a colon. */
  readonly warnings?: readonly string[];
  /** The trees of the branches' newest commits. */
  read(branches: readonly string[]): ReadonlyMap<string, CommitTree>;
}

/** Opens the repository of a source for `read`. Throws a RepositoryUnreachable, also while it is read. */
export type OpenSource = <Result>(
  source: Pick<Source, 'repository'>,
  read: (repository: SourceRepository) => Result,
) => Result;

/** A repository that can't be read. The problem fits behind a colon. */
export class RepositoryUnreachable extends CodedError<
  'REPOSITORY_UNREACHABLE' | 'SHALLOW_CLONE' | 'CLONE_STALE'
> {
  override readonly name = 'RepositoryUnreachable';
}

/** A URL, or `git@host:path`, which git reads as ssh. `./` before a path hides its colon from git. */
const REMOTE = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+:)/;

/** Whether git fetches a source's repository. Otherwise the address is the path of a clone. */
export function isUrl(repository: string): boolean {
  return REMOTE.test(repository);
}

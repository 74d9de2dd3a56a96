import type { CommitTree } from '../commit-tree.ts';

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

interface ReleaseRule {
  /** Such as `release-*`; the star stands for the version, such as 2.31. */
  readonly glob: string;
  /** So many of them, by the numbers in their versions. */
  readonly newest: number;
}

/** How a branch says what it needs. */
export type ReferenceReader = CatalogReader | PatternReader;

/** The branch's own catalog: each image with the exact tag that follows from the branch's files. */
interface CatalogReader {
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

/** A source's repository, as far as references are read from it. */
export interface SourceRepository {
  /** The branch that its HEAD names; absent when that can't be told. */
  readonly defaultBranch?: string;
  readonly branches: ReadonlySet<string>;
  /** A shallow clone, or one of single branches: there may be more branches than are here. */
  readonly isPartial: boolean;
  /** What the branches' newest commits hold. Throws a RepositoryUnreachable for one that has gone. */
  read(branches: readonly string[]): ReadonlyMap<string, CommitTree>;
}

/** Throws a RepositoryUnreachable. */
export type OpenSource = (source: Source) => SourceRepository;

/** A repository that can't be read. The message says why, in words that fit behind a colon. */
export class RepositoryUnreachable extends Error {
  override readonly name: string = 'RepositoryUnreachable';
}

const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const SECURE = /^(?:https|ssh|file):\/\//;
/** `git@host:path`, which git reads as ssh. A path with a colon is written with `./` before it. */
const SCP = /^(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+:/;

/** Whether a source's repository is fetched; otherwise it is the path of a clone. */
export function isUrl(repository: string): boolean {
  return URL_START.test(repository) || SCP.test(repository);
}

/** Why an address can't be used; `undefined` for one that can. */
export function addressFlaw(
  repository: string,
): { readonly problem: string; readonly remedy: string } | undefined {
  const remedy = 'write the path of a clone, or a URL: https://, ssh:// or file://';
  if (repository === '' || /^-|[\p{Cc}]/u.test(repository)) {
    return { problem: 'this is neither a path nor a URL', remedy };
  }
  if (repository.includes('::')) return { problem: 'git would run a program of that name', remedy };
  if (URL_START.test(repository) && !SECURE.test(repository)) {
    return { problem: 'what comes this way may have been changed on its way', remedy };
  }
  if (/^[a-z]+:\/\/[^/@]*:[^/@]*@/i.test(repository)) {
    return {
      problem: 'there is a password in the address',
      remedy: "take it out, revoke it, and use git's own credentials",
    };
  }
  return undefined;
}

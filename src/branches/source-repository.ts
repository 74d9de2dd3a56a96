import type { Source } from './source.ts';
import type { CommitTree } from '../commit-tree.ts';

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

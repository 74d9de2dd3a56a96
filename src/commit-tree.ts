import type { EntryKind, FileTree } from './file-tree.ts';

/** One path of a commit that is no directory. */
export interface CommitFile {
  readonly path: string;
  /** `other` is a submodule. */
  readonly kind: Exclude<EntryKind, 'directory'>;
  readonly executable: boolean;
  /** In bytes; 0 for a submodule. */
  readonly size: number;
  /** Names the content: two files with the same one are the same, on whatever branch. */
  readonly blob: string;
  /** False for a name that is not UTF-8: `path` then shows what is not as U+FFFD, and names nothing. */
  readonly isExact: boolean;
}

/** The files of a commit. Unlike a work tree, it never changes. */
export interface CommitTree extends FileTree {
  /** The commit's full name in hexadecimal digits. */
  readonly commit: string;
  /** Every file, symlink and submodule, in git's order. */
  readonly files: readonly CommitFile[];
  /** Gets many contents at once, so that reading them one by one costs next to nothing. */
  load(files: readonly CommitFile[]): void;
}

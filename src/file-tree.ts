export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

export interface TreeEntry {
  readonly kind: EntryKind;
  /** The owner's executable bit, the only mode bit that git keeps. */
  readonly executable: boolean;
}

/**
 * The files of a checkout as domain code sees them: a work tree today, a git commit as well.
 * Paths are relative to the checkout, with forward slashes and no `.` or `..` parts; the checkout
 * itself is the empty string. Symlinks are reported, never followed.
 */
export interface FileTree {
  /** `undefined` when nothing is there, or when a parent is not a directory. */
  entry(path: string): TreeEntry | undefined;
  /** Names in a directory, in no particular order. */
  list(path: string): readonly string[];
  /** Size of a file in bytes. */
  size(path: string): number;
  /** A file's content in pieces, so that a large one never has to fit in memory. */
  read(path: string): Iterable<Uint8Array>;
  /** A symlink's target as it was written. */
  readLink(path: string): string;
}

import { inputError, type InvalidInputError } from './problem.ts';

/** `submodule` is a commit of another repository; `other` a socket, a fifo or a device, which no commit has. */
export type EntryKind = 'file' | 'directory' | 'symlink' | 'submodule' | 'other';

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

/** One path of a commit that is no directory. */
export interface CommitFile {
  readonly path: string;
  readonly kind: Exclude<EntryKind, 'directory' | 'other'>;
  readonly executable: boolean;
  /** In bytes; 0 for a submodule. */
  readonly size: number;
  /** Names the content: two files with the same one are the same, on whatever branch. */
  readonly blob: string;
  /** False for a name that is not UTF-8: `path` then has U+FFFD in it, and can't be read. */
  readonly isExact: boolean;
}

/** A commit, and what tells it from those before and after it. */
export interface DatedCommit {
  /** The full name in hexadecimal digits. */
  readonly commit: string;
  /** The committer's date: ISO 8601, in UTC. */
  readonly committedAt: string;
  /** How many commits its history has; absent where the repository has a part of it, or nobody counted. */
  readonly commits?: number | undefined;
  /** The first digits of the commits that it follows most closely; absent where its history is counted. */
  readonly recent?: readonly string[] | undefined;
}

/** The files of a commit. Unlike a work tree, it never changes. */
export interface CommitTree extends FileTree, DatedCommit {
  /** Every file, symlink and submodule, in git's order. */
  readonly files: readonly CommitFile[];
  /** Loads many contents at once, so that reading them one by one is fast. */
  load(files: readonly CommitFile[]): void;
}

/** Somewhere a part that is empty, `.` or `..`, or a NUL. */
const NOT_PLAIN = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** Throws a RangeError for a path that would leave the checkout, or is not in its plainest form. */
export function requirePlainPath(path: string): void {
  if (NOT_PLAIN.test(path)) throw new RangeError(`"${path}" is not a path inside the checkout`);
}

/** The path of the directory that a path is in; empty for the checkout itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name in a directory, or the target of a link. Throws the error of `fileNameEncodingError`. */
export function decodeName(bytes: Buffer, path: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw fileNameEncodingError(path, bytes.toString('latin1'));
  }
}

/** The error for a name that could be neither written in a pattern nor hashed the same way everywhere. */
export function fileNameEncodingError(directory: string, shown: string): InvalidInputError {
  const problem = `holds a name that is not UTF-8: ${JSON.stringify(shown)}`;
  const file = directory === '' ? '.' : directory;
  return inputError('FILE_NAME_ENCODING', problem, 'rename it, or make the link anew', { file });
}

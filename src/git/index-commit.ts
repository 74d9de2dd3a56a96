import { parentOf } from './plain-path.ts';
import type { CommitFile } from '../commit-tree.ts';

export interface CommitDirectory {
  readonly names: Set<string>;
  /** A name in it that is not UTF-8, with U+FFFD for what is not. */
  notUtf8?: string;
}

/** The files of a commit by path, and its directories, which git's listing leaves out. */
export interface CommitIndex {
  readonly at: ReadonlyMap<string, CommitFile>;
  readonly directories: ReadonlyMap<string, CommitDirectory>;
}

/** Linear in the files; a directory whose own name is not UTF-8 is left out, and named in its parent. */
export function indexCommit(files: readonly CommitFile[]): CommitIndex {
  const at = new Map<string, CommitFile>();
  const directories = new Map<string, CommitDirectory>([['', { names: new Set() }]]);

  const directoryAt = (path: string): CommitDirectory => {
    const known = directories.get(path);
    if (known !== undefined) return known;
    const made: CommitDirectory = { names: new Set() };
    directories.set(path, made);
    directoryAt(parentOf(path)).names.add(nameOf(path));
    return made;
  };

  for (const file of files) {
    if (file.isExact) {
      at.set(file.path, file);
      directoryAt(parentOf(file.path)).names.add(nameOf(file.path));
      continue;
    }
    const parts = file.path.split('/');
    const bad = parts.findIndex((part) => part.includes('\uFFFD'));
    directoryAt(parts.slice(0, bad).join('/')).notUtf8 ??= parts[bad] ?? file.path;
  }
  return { at, directories };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

import { runGit } from './run-git.ts';
import type { CommitFile } from '../commit-tree.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** `<mode> <type> <object> <size, padded>`: what `git ls-tree --long` writes before a tab and the path. */
const ATTRIBUTES = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)$/;

const SYMLINK = '120000';
const SUBMODULE = '160000';
const EXECUTABLE = '100755';

/** All that is in a commit, from git's objects. Throws a GitError when one of them is missing. */
export function listCommit(repository: string, commit: string): readonly CommitFile[] {
  const listing = runGit(repository, ['ls-tree', '-r', '-z', '--long', '--full-tree', commit]);
  const files: CommitFile[] = [];
  for (let start = 0; start < listing.length;) {
    const end = listing.indexOf(0, start);
    files.push(parseEntry(listing.subarray(start, end)));
    start = end + 1;
  }
  return files;
}

function parseEntry(entry: Buffer): CommitFile {
  const tab = entry.indexOf(0x09);
  const attributes = entry.toString('latin1', 0, tab);
  const [, mode, blob, size] = ATTRIBUTES.exec(attributes) ?? [];
  if (mode === undefined || blob === undefined) throw new Error(`git listed: ${attributes}`);
  return {
    ...decode(entry.subarray(tab + 1)),
    kind: kindOf(mode),
    executable: mode === EXECUTABLE,
    size: size === '-' ? 0 : Number(size),
    blob,
  };
}

function kindOf(mode: string): CommitFile['kind'] {
  if (mode === SUBMODULE) return 'other';
  return mode === SYMLINK ? 'symlink' : 'file';
}

function decode(path: Buffer): Pick<CommitFile, 'path' | 'isExact'> {
  try {
    return { path: UTF8.decode(path), isExact: true };
  } catch {
    return { path: LOSSY.decode(path), isExact: false };
  }
}

import { lstatSync } from 'node:fs';
import { constants, type Stats } from 'node:fs';
import { InvalidInputError } from '../problem.ts';
import type { EntryKind, TreeEntry } from '../file-tree.ts';

/** What is at a path, and how many bytes a file has. */
export interface Found extends TreeEntry {
  readonly size: number;
}

/** No file system that git works on takes a longer name, in bytes (NAME_MAX). */
const LONGEST_NAME = 255;

/** How much of a path that is too long is shown, in characters. */
const SHOWN = 120;

/**
 * Looks at `path` below `root` without following it. `undefined` when nothing is there. A path that
 * the system can't take throws an InvalidInputError (PATH_TOO_LONG): what is there can't be hashed.
 */
export function lookAtPath(root: string, path: string): Found | undefined {
  try {
    const stats = lstatSync(path === '' ? root : `${root}/${path}`, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const executable = (stats.mode & constants.S_IXUSR) !== 0;
    return { kind: kindOf(stats), executable, size: stats.size };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG')) throw error;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (Buffer.byteLength(name) > LONGEST_NAME) return undefined;
    throw tooLong(path, error);
  }
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function tooLong(path: string, cause: Error): InvalidInputError {
  const error = new InvalidInputError([
    {
      code: 'PATH_TOO_LONG',
      file: `${path.slice(0, SHOWN)}…`,
      path: '',
      problem: 'a path that starts like this is longer than the system can open',
      remedy: 'nest directories less deeply, or check out in a shorter path',
    },
  ]);
  error.cause = cause;
  return error;
}

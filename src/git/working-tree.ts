import fs from 'node:fs';
import { posix } from 'node:path';
import {
  decodeName,
  parentOf,
  requirePlainPath,
  type EntryKind,
  type FileTree,
  type TreeEntry,
} from '../file-tree.ts';
import { hasErrorCode, inputError, type InvalidInputError } from '../problem.ts';

/** Large enough to hash at the disk's speed, small enough to keep memory flat. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The files below `root`, as they are on disk now, committed or not. Synchronous. Each path is looked up
 * once, so that a tree is good for one plan, however deep it is: make a new one after a change. Nothing
 * is reached through a symlink. Throws a RangeError for a path that would leave `root`, and an
 * InvalidInputError for a name that is not UTF-8 (FILE_NAME_ENCODING) or a path that is too long
 * (PATH_TOO_LONG): neither can be hashed the same way everywhere.
 */
export function workingTree(root: string): FileTree {
  const seen = new Map([['', lookUp(root, '')]]);
  const look = (path: string) => {
    const unseen: string[] = [];
    for (let at = path; !seen.has(at); at = parentOf(at)) unseen.push(at);
    if (unseen.length > 0) requirePlainPath(path);
    for (const at of unseen.reverse()) {
      const isBelow = seen.get(parentOf(at))?.kind === 'directory';
      seen.set(at, isBelow ? lookUp(root, at) : undefined);
    }
    return seen.get(path);
  };
  const reach = (path: string, kind: EntryKind): { place: string; size: number } => {
    const found = look(path);
    if (found === undefined) throw new Error(`${path}: nothing is there`);
    if (found.kind !== kind) throw new Error(`${path}: a ${found.kind}, not a ${kind}`);
    return { place: `${root}/${path}`, size: found.size };
  };

  return {
    entry: (path) => {
      const found = look(path);
      return found && { kind: found.kind, executable: found.executable };
    },
    list: (path) => {
      const names = fs.readdirSync(reach(path, 'directory').place, { encoding: 'buffer' });
      return names.map((name) => decodeName(name, path));
    },
    size: (path) => reach(path, 'file').size,
    read: (path) => {
      const { place, size } = reach(path, 'file');
      return readChunks(place, size);
    },
    readLink: (path) => {
      const target = fs.readlinkSync(reach(path, 'symlink').place, { encoding: 'buffer' });
      return decodeName(target, path);
    },
  };
}

/** Each chunk is its own memory, so that a caller may keep it. */
function* readChunks(place: string, size: number): Generator<Uint8Array> {
  // Whatever took the file's place since it was looked at must not be followed, nor block (a fifo).
  const flags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
  const descriptor = fs.openSync(place, flags);
  try {
    for (;;) {
      // One byte more than the size tells a file that ends there from one that grows.
      const chunk = Buffer.allocUnsafeSlow(Math.min(size + 1, CHUNK_BYTES));
      const length = fs.readSync(descriptor, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** No file system that git works on takes a longer name, in bytes (NAME_MAX). */
const LONGEST_NAME = 255;

/** `undefined` when nothing is at `path`, which is not followed. The size is a file's, in bytes. */
function lookUp(root: string, path: string): (TreeEntry & { readonly size: number }) | undefined {
  try {
    const stats = fs.lstatSync(path === '' ? root : `${root}/${path}`, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const executable = (stats.mode & fs.constants.S_IXUSR) !== 0;
    return { kind: kindOf(stats), executable, size: stats.size };
  } catch (error) {
    if (!hasErrorCode(error, 'ENAMETOOLONG')) throw error;
    if (Buffer.byteLength(posix.basename(path)) > LONGEST_NAME) return undefined;
    throw tooLong(path);
  }
}

function kindOf(stats: fs.Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function tooLong(path: string): InvalidInputError {
  const problem = 'a path that starts like this is longer than the system can open';
  const remedy = 'nest directories less deeply, or check out in a shorter path';
  return inputError('PATH_TOO_LONG', problem, remedy, { file: `${path.slice(0, 120)}...` });
}

import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  lstatSync,
  type Stats,
} from 'node:fs';
import {
  fileNameEncoding,
  parentOf,
  refuseUnlessPlain,
  type EntryKind,
  type FileTree,
  type TreeEntry,
} from '../file-tree.ts';
import { InvalidInputError } from '../problem.ts';

/** Large enough to hash at the disk's speed, small enough to keep memory flat. */
const CHUNK_BYTES = 1024 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The files below `root`, as they are on disk now, committed or not. Synchronous. What is at a path is
 * looked at once and remembered, so that a tree is good for one plan, however deep it is: make a new
 * one after a change. Nothing is reached through a symlink, and a path that would leave `root` throws
 * a RangeError. A name that is not valid UTF-8 throws an InvalidInputError, since it could be neither
 * written in a pattern nor hashed the same way everywhere, and so does a path that is too long.
 */
export function workingTree(root: string): FileTree {
  const seen = new Map([['', lookAtPath(root, '')]]);
  const look = (path: string): Found | undefined => {
    const unseen: string[] = [];
    for (let at = path; !seen.has(at); at = parentOf(at)) unseen.push(at);
    if (unseen.length > 0) refuseUnlessPlain(path);
    for (const at of unseen.reverse()) {
      const isBelow = seen.get(parentOf(at))?.kind === 'directory';
      seen.set(at, isBelow ? lookAtPath(root, at) : undefined);
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
      const names = readdirSync(reach(path, 'directory').place, { encoding: 'buffer' });
      return names.map((name) => decode(name, path));
    },
    size: (path) => reach(path, 'file').size,
    read: (path) => {
      const { place, size } = reach(path, 'file');
      return readChunks(place, size);
    },
    readLink: (path) => {
      const target = readlinkSync(reach(path, 'symlink').place, { encoding: 'buffer' });
      return decode(target, path);
    },
  };
}

/** Each chunk is its own memory, so that a caller may keep it. */
function* readChunks(place: string, size: number): Generator<Uint8Array> {
  // Whatever took the file's place since it was looked at must not be followed, nor block (a fifo).
  const descriptor = openSync(
    place,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    for (;;) {
      // One byte more than the size tells a file that ends there from one that grows.
      const chunk = Buffer.allocUnsafeSlow(Math.min(size + 1, CHUNK_BYTES));
      const length = readSync(descriptor, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw fileNameEncoding(path, bytes.toString('latin1'));
  }
}

/** What is at a path, and how many bytes a file has. */
interface Found extends TreeEntry {
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
function lookAtPath(root: string, path: string): Found | undefined {
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
      file: `${path.slice(0, SHOWN)}...`,
      path: '',
      problem: 'a path that starts like this is longer than the system can open',
      remedy: 'nest directories less deeply, or check out in a shorter path',
    },
  ]);
  error.cause = cause;
  return error;
}

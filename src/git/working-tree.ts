import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { constants, type Stats } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../problem.ts';
import type { EntryKind, FileTree } from '../tree/file-tree.ts';

/** Large enough to hash at the disk's speed, small enough to keep memory flat. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The files below `root`, as they are on disk now, committed or not. Synchronous. Nothing is
 * reached through a symlink, and a path that would leave `root` throws a RangeError. A name that is
 * not valid UTF-8 throws an InvalidInputError: it could be neither written in a pattern nor hashed
 * the same way everywhere.
 */
export function workingTree(root: string): FileTree {
  const stats = (path: string): Stats | undefined => {
    const parts = partsOf(path);
    for (let depth = 0; depth < parts.length; depth += 1) {
      const parent = lstatSync(join(root, ...parts.slice(0, depth)), { throwIfNoEntry: false });
      if (parent?.isDirectory() !== true) return undefined;
    }
    return lstatSync(join(root, ...parts), { throwIfNoEntry: false });
  };
  const reach = (path: string, kind: EntryKind): { place: string; size: number } => {
    const found = stats(path);
    if (found === undefined) throw new Error(`${path}: nothing is there`);
    if (kindOf(found) !== kind) throw new Error(`${path}: a ${kindOf(found)}, not a ${kind}`);
    return { place: join(root, path), size: found.size };
  };

  return {
    entry: (path) => {
      const found = stats(path);
      if (found === undefined) return undefined;
      return { kind: kindOf(found), executable: (found.mode & constants.S_IXUSR) !== 0 };
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

function partsOf(path: string): readonly string[] {
  if (path === '') return [];
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part) || part.includes('\0'))) {
    throw new RangeError(`"${path}" is not a path inside the checkout`);
  }
  return parts;
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
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
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidInputError([
      {
        code: 'FILE_NAME_ENCODING',
        file: path === '' ? '.' : path,
        path: '',
        problem: `holds a name that is not UTF-8: ${JSON.stringify(bytes.toString('latin1'))}`,
        remedy: 'rename it, or make the link anew',
      },
    ]);
  }
}

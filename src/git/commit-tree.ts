import { blobStore, type BlobStore, listCommit } from './git-objects.ts';
import {
  fileNameEncoding,
  refuseUnlessPlain,
  type CommitFile,
  type CommitTree,
  parentOf,
} from '../file-tree.ts';
import { GitError, runGit } from './run-git.ts';
import { InvalidInputError } from '../problem.ts';

/** Bytes: files up to this size are loaded along with one beside them. */
const SMALL = 64 * 1024;
/** Bytes: the most that is loaded along. */
const ALONG = 16 * 1024 * 1024;

/**
 * The files of a commit of the repository at `folder`, from git's objects: nothing is checked out, and
 * the work tree does not matter. `revision` is a branch, a tag or a commit. Synchronous; contents come
 * from git in batches. Like `workingTree`, it follows no symlink, throws a RangeError for a path that
 * would leave the commit, and an InvalidInputError for a directory with a name that is not UTF-8.
 * A revision that is not there throws an InvalidInputError (REVISION_MISSING).
 */
export function commitTree(folder: string, revision: string): CommitTree {
  try {
    return readCommit(folder, resolveRevision(folder, revision), blobStore(folder));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const problem = `git can't read the revision ${JSON.stringify(revision)}: ${error.message}`;
    const remedy = 'name a branch, a tag or a commit that the repository has in full';
    throw new InvalidInputError([
      { code: 'REVISION_MISSING', file: '', path: '', problem, remedy },
    ]);
  }
}

/** The full name of a commit. Throws a GitError when there is none. */
function resolveRevision(folder: string, revision: string): string {
  return runGit(folder, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])
    .toString()
    .trim();
}

/** The tree of a commit by its full name; trees of one repository may share a store. */
export function readCommit(folder: string, commit: string, store: BlobStore): CommitTree {
  const files = listCommit(folder, commit);
  const { at, directories } = indexCommit(files);
  const reach = (path: string, kind: CommitFile['kind']): CommitFile => {
    const found = at.get(path);
    if (found?.kind === kind) return found;
    if (found === undefined && !directories.has(path)) throw new Error(`${path}: nothing is there`);
    throw new Error(`${path}: a ${found?.kind ?? 'directory'}, not a ${kind}`);
  };
  const read = (path: string, kind: 'file' | 'symlink'): Iterable<Uint8Array> => {
    refuseUnlessPlain(path);
    const { blob, size } = reach(path, kind);
    if (!store.has(blob)) store.load([{ blob, size }, ...neighbours(path, at, directories)]);
    return store.read(blob);
  };

  return {
    commit,
    files,
    load: (wanted) => {
      store.load(wanted.filter(({ kind }) => kind !== 'other'));
    },
    entry: (path) => {
      if (path !== '') refuseUnlessPlain(path);
      const found = at.get(path);
      if (found !== undefined) return { kind: found.kind, executable: found.executable };
      return directories.has(path) ? { kind: 'directory', executable: true } : undefined;
    },
    list: (path) => {
      const directory = directories.get(path);
      if (directory === undefined) {
        throw new Error(`${path}: ${at.get(path)?.kind ?? 'nothing'}, not a directory`);
      }
      if (directory.notUtf8 !== undefined) throw fileNameEncoding(path, directory.notUtf8);
      return [...directory.names];
    },
    size: (path) => reach(path, 'file').size,
    read: (path) => read(path, 'file'),
    readLink: (path) => decodeTarget(path, Buffer.concat([...read(path, 'symlink')])),
  };
}

/** The files that are likely to be read next. */
function neighbours(
  path: string,
  at: ReadonlyMap<string, CommitFile>,
  directories: ReturnType<typeof indexCommit>['directories'],
): readonly CommitFile[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const names = directories.get(folder.slice(0, -1))?.names ?? [];
  let left = ALONG;
  return [...names].flatMap((name) => {
    const file = at.get(folder + name);
    if (file === undefined || file.kind === 'other' || file.size > SMALL) return [];
    left -= file.size;
    return left >= 0 ? [file] : [];
  });
}

function decodeTarget(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fileNameEncoding(path, bytes.toString('latin1'));
  }
}

interface CommitDirectory {
  readonly names: Set<string>;
  /** A name in it that is not UTF-8, with U+FFFD for what is not. */
  notUtf8?: string;
}

/** The files of a commit by path, and its directories, which git's listing leaves out. */
interface CommitIndex {
  readonly at: ReadonlyMap<string, CommitFile>;
  readonly directories: ReadonlyMap<string, CommitDirectory>;
}

/** Linear in the files; a directory whose own name is not UTF-8 is left out, and named in its parent. */
function indexCommit(files: readonly CommitFile[]): CommitIndex {
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

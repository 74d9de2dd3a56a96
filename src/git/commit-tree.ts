import { posix } from 'node:path';
import { parseCommitObject } from './commit-object.ts';
import { blobStore, type BlobStore, listCommit } from './git-objects.ts';
import { askGit, DEEPEN, GitError, runQuietly } from './run-git.ts';
import {
  decodeName,
  fileNameEncodingError,
  parentOf,
  requirePlainPath,
  type CommitFile,
  type CommitTree,
} from '../file-tree.ts';
import { inputError } from '../problem.ts';

/** Bytes: files up to this size are loaded along with one beside them. */
const SMALL = 64 * 1024;
/** Bytes: the most that is loaded along. */
const ALONG = 16 * 1024 * 1024;

/**
 * The files of a commit of the repository at `folder`, from git's objects: nothing is checked out, and
 * the work tree does not matter. `revision` is a branch, a tag or a commit. Synchronous; contents come
 * from git in batches. Like `workingTree`, it follows no symlink, throws a RangeError for a path that
 * would leave the commit, and an InvalidInputError for a directory with a name that is not UTF-8.
 * Throws an InvalidInputError (REVISION_MISSING) for a revision that is not there.
 */
export function commitTree(folder: string, revision: string): CommitTree {
  const args = ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`];
  try {
    return readCommit(folder, runQuietly(folder, args).trim(), blobStore(folder));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const problem = `git can't read the revision ${JSON.stringify(revision)}: ${error.message}`;
    const isMissing = error.message.includes('Needed a single revision');
    if (error.remedy !== undefined && !isMissing)
      throw inputError('REVISION_MISSING', problem, error.remedy);
    if (askGit(folder, ['rev-parse', '--is-shallow-repository']) === 'true') {
      throw inputError('REVISION_MISSING', `${problem} (the clone is shallow)`, DEEPEN);
    }
    const remedy =
      revision === 'HEAD'
        ? 'check out a branch that has a commit'
        : 'name a branch, a tag or a commit that the repository has in full';
    throw inputError('REVISION_MISSING', problem, remedy);
  }
}

/** The tree of a commit by its full name; trees of one repository may share a store. */
export function readCommit(folder: string, commit: string, store: BlobStore): CommitTree {
  const files = listCommit(folder, commit);
  const { committedAt } = parseCommitObject(runQuietly(folder, ['cat-file', 'commit', commit]));
  const at = new Map(files.filter(({ isExact }) => isExact).map((file) => [file.path, file]));
  const directories = directoriesOf(files);
  const reach = (path: string, kind: CommitFile['kind']): CommitFile => {
    const found = at.get(path);
    if (found?.kind === kind) return found;
    if (found === undefined && !directories.has(path)) throw new Error(`${path}: nothing is there`);
    throw new Error(`${path}: a ${found?.kind ?? 'directory'}, not a ${kind}`);
  };
  /** The files that are likely to be read next. */
  const besides = (path: string): readonly CommitFile[] => {
    const folderPath = parentOf(path);
    let left = ALONG;
    return [...(directories.get(folderPath)?.names ?? [])].flatMap((name) => {
      const file = at.get(posix.join(folderPath, name));
      if (file === undefined || file.kind === 'submodule' || file.size > SMALL) return [];
      left -= file.size;
      return left >= 0 ? [file] : [];
    });
  };
  const read = (path: string, kind: 'file' | 'symlink'): Iterable<Uint8Array> => {
    requirePlainPath(path);
    const file = reach(path, kind);
    if (!store.has(file.blob)) store.load([file, ...besides(path)]);
    return store.read(file.blob);
  };

  return {
    commit,
    committedAt,
    files,
    load: (wanted) => {
      store.load(wanted.filter(({ kind }) => kind !== 'submodule'));
    },
    entry: (path) => {
      if (path !== '') requirePlainPath(path);
      const found = at.get(path);
      if (found !== undefined) return { kind: found.kind, executable: found.executable };
      return directories.has(path) ? { kind: 'directory', executable: true } : undefined;
    },
    list: (path) => {
      const directory = directories.get(path);
      if (directory === undefined) {
        throw new Error(`${path}: ${at.get(path)?.kind ?? 'nothing'}, not a directory`);
      }
      if (directory.notUtf8 !== undefined) throw fileNameEncodingError(path, directory.notUtf8);
      return [...directory.names];
    },
    size: (path) => reach(path, 'file').size,
    read: (path) => read(path, 'file'),
    readLink: (path) => decodeName(Buffer.concat([...read(path, 'symlink')]), path),
  };
}

interface CommitDirectory {
  readonly names: Set<string>;
  /** A name in it that is not UTF-8, with U+FFFD for what is not. */
  notUtf8?: string;
}

/**
 * The directories of a commit by path, which git's listing leaves out. Linear in the files. A directory
 * whose own name is not UTF-8 is left out, and named in its parent.
 */
function directoriesOf(files: readonly CommitFile[]): ReadonlyMap<string, CommitDirectory> {
  const directories = new Map<string, CommitDirectory>([['', { names: new Set() }]]);
  const directoryAt = (path: string): CommitDirectory => {
    const known = directories.get(path);
    if (known !== undefined) return known;
    const made: CommitDirectory = { names: new Set() };
    directories.set(path, made);
    directoryAt(parentOf(path)).names.add(posix.basename(path));
    return made;
  };
  for (const { path, isExact } of files) {
    if (isExact) {
      directoryAt(parentOf(path)).names.add(posix.basename(path));
      continue;
    }
    const parts = path.split('/');
    const bad = parts.findIndex((part) => part.includes('\uFFFD'));
    directoryAt(parts.slice(0, bad).join('/')).notUtf8 ??= parts[bad];
  }
  return directories;
}

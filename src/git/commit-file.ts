import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askGit, GitError, HEADS, runGit, runQuietly } from './run-git.ts';

interface HeadFile {
  /** The full name of HEAD's commit. */
  readonly commit: string;
  readonly mode: string;
  readonly blob: string;
  /** The content as in a checkout: git's attributes have set line ends, and applied filters. */
  readonly bytes: Buffer;
}

/** Looks a file up in HEAD. Throws a GitError where there is no repository, or no such file in it. */
export function headFile(checkout: string, file: string): HeadFile {
  const git = (...args: string[]) => runQuietly(checkout, args).trimEnd();
  const commit = git('rev-parse', 'HEAD^{commit}');
  const entry = git('--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commit, '--', file);
  const [, mode, blob] = /^(\d+) blob (\w+)\t/.exec(entry) ?? [];
  if (mode === undefined || blob === undefined) {
    throw new GitError(`HEAD has no file ${file}`, undefined, 'commit the file first');
  }
  const bytes = runGit(checkout, ['cat-file', '--filters', `${commit}:${file}`]);
  return { commit, mode, blob, bytes };
}

/** The branch that is checked out; `undefined` when HEAD is detached. */
export function currentBranch(checkout: string): string | undefined {
  const ref = askGit(checkout, ['symbolic-ref', '--quiet', 'HEAD']);
  return ref?.startsWith(HEADS) === true ? ref.slice(HEADS.length) : undefined;
}

interface FileCommit {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly message: string;
  /** Variables that name author and committer. */
  readonly identity: Readonly<Record<string, string>>;
}

/** A commit that no branch has yet. */
export interface MadeCommit {
  readonly commit: string;
  readonly tree: string;
  readonly blob: string;
}

/** The name that a file's content has in git, after the attributes' filters; `write` keeps it there. */
export function blobOf(checkout: string, file: string, bytes: Uint8Array, write = false): string {
  const args = ['hash-object', ...(write ? ['-w'] : []), `--path=${file}`, '--stdin'];
  return runQuietly(checkout, args, { input: bytes }).trim();
}

/**
 * Makes a commit on top of HEAD in which one file has another content. Neither the files, the index nor
 * a branch of the checkout change, and no hook runs. Throws a GitError.
 */
export function commitFile(checkout: string, head: HeadFile, wanted: FileCommit): MadeCommit {
  const { file, bytes, message, identity } = wanted;
  const blob = blobOf(checkout, file, bytes, true);
  const folder = mkdtempSync(join(tmpdir(), 'ci-images-index-'));
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    runQuietly(checkout, ['read-tree', head.commit], { env });
    runQuietly(checkout, ['update-index', '--cacheinfo', `${head.mode},${blob},${file}`], { env });
    const tree = runQuietly(checkout, ['write-tree'], { env }).trim();
    const args = ['commit-tree', tree, '-p', head.commit];
    const commit = runQuietly(checkout, args, { input: message, env: identity }).trim();
    return { commit, tree, blob };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type IndexEntry = Pick<HeadFile, 'mode' | 'blob'> & { readonly file: string };

/** Puts one entry into the checkout's index, and changes neither other entries nor files. */
export function setIndexEntry(checkout: string, { file, mode, blob }: IndexEntry): void {
  const args = ['--literal-pathspecs', 'ls-files', '--stage', '-z', '--', file];
  if (runQuietly(checkout, args) === `${mode} ${blob} 0\t${file}\0`) return;
  runQuietly(checkout, ['update-index', '--add', '--cacheinfo', `${mode},${blob},${file}`]);
}

/**
 * Moves HEAD, and the branch that is checked out if one is, from one commit to the next one, which
 * differs in one entry only. Throws a GitError when HEAD is not on `from` any more. The index comes
 * first: when the process ends in between, HEAD still shows that the move is not done.
 */
export function moveHead(checkout: string, from: string, to: string, entry: IndexEntry): void {
  setIndexEntry(checkout, entry);
  runQuietly(checkout, ['update-ref', '-m', 'images propose', 'HEAD', to, from]);
}

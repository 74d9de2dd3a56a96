import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runQuietly } from './run-quietly.ts';
import type { HeadFile } from './head-file.ts';

export interface FileCommit {
  readonly file: string;
  /** What the file is to hold, as it is in a checkout. */
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

import { runQuietly } from './run-quietly.ts';
import type { HeadFile } from './head-file.ts';

/** A content of one file of the index. */
export type IndexEntry = Pick<HeadFile, 'mode' | 'blob'> & { readonly file: string };

/** Puts one entry into the checkout's index and leaves the others, and the files, alone. */
export function setIndexEntry(checkout: string, { file, mode, blob }: IndexEntry): void {
  const args = ['--literal-pathspecs', 'ls-files', '--stage', '-z', '--', file];
  if (runQuietly(checkout, args) === `${mode} ${blob} 0\t${file}\0`) return;
  runQuietly(checkout, ['update-index', '--add', '--cacheinfo', `${mode},${blob},${file}`]);
}

/**
 * Moves HEAD, and the branch that is checked out if one is, from one commit to the next one, which
 * differs in one entry only. Throws a GitError when HEAD is not on `from` any more. The index comes
 * first: when this is ended in between, HEAD still shows what is left to do.
 */
export function moveHead(checkout: string, from: string, to: string, entry: IndexEntry): void {
  setIndexEntry(checkout, entry);
  runQuietly(checkout, ['update-ref', '-m', 'images propose', 'HEAD', to, from]);
}

import { InvalidInputError } from '../problem.ts';
import type { FileTree } from '../file-tree.ts';
import { readText } from './read-text.ts';

/** The largest document that is read: 1 MiB, some thousands of images. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** What can be wrong with a document's file. */
export type FileCode = 'FILE_MISSING' | 'FILE_TOO_LARGE' | 'NOT_UTF8';

/**
 * Reads the document at a path of the checkout. `what` it is goes into messages, such as `catalog`.
 * Throws an `InvalidInputError` (a `FileCode`); a file that is too large is not read at all.
 */
export function loadText(tree: FileTree, file: string, what: string): string {
  const fail = (code: FileCode, problem: string, remedy: string): InvalidInputError =>
    new InvalidInputError([{ code, file, path: '', problem, remedy }]);
  const kind = tree.entry(file)?.kind;
  if (kind !== 'file') {
    const problem = kind === undefined ? 'there is no such file' : `this is a ${kind}, no file`;
    throw fail('FILE_MISSING', problem, `write the ${what} there or correct the path`);
  }
  const read = readText(tree, file, MAX_DOCUMENT_BYTES);
  if ('text' in read) return read.text;
  throw read.flaw === 'too large'
    ? fail('FILE_TOO_LARGE', `the ${what} is larger than 1 MiB`, `remove what is no ${what}`)
    : fail('NOT_UTF8', 'this is no UTF-8 text', 'save it as UTF-8');
}

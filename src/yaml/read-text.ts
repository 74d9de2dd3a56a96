import type { FileTree } from '../file-tree.ts';
import { inputError } from '../problem.ts';

/** The largest document that is read: 1 MiB, some thousands of images. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** A text, or the reason why there is none. */
type ReadText = { readonly text: string } | { readonly code: 'FILE_TOO_LARGE' | 'NOT_UTF8' };

/**
 * Reads a text file of at most `limit` bytes. A larger file is not read at all; a file that grows
 * meanwhile is read no further than that.
 */
export function readText(tree: FileTree, path: string, limit: number): ReadText {
  if (tree.size(path) > limit) return { code: 'FILE_TOO_LARGE' };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  let text = '';
  try {
    for (const piece of tree.read(path)) {
      length += piece.length;
      if (length > limit) return { code: 'FILE_TOO_LARGE' };
      text += decoder.decode(piece, { stream: true });
    }
    return { text: text + decoder.decode() };
  } catch (error) {
    if (error instanceof TypeError) return { code: 'NOT_UTF8' };
    throw error;
  }
}

/**
 * Reads the text file at a path of the checkout, or throws an InvalidInputError (FILE_MISSING,
 * FILE_TOO_LARGE, NOT_UTF8). Messages call it `what`, such as `catalog`.
 */
export function loadText(
  tree: FileTree,
  file: string,
  what: string,
  limit = MAX_DOCUMENT_BYTES,
): string {
  const fail = (code: string, problem: string, remedy: string) =>
    inputError(code, problem, remedy, { file });
  const kind = tree.entry(file)?.kind;
  if (kind !== 'file') {
    const problem = kind === undefined ? 'there is no such file' : `this is a ${kind}, no file`;
    throw fail('FILE_MISSING', problem, `write the ${what} there or correct the path`);
  }
  const read = readText(tree, file, limit);
  if ('text' in read) return read.text;
  throw read.code === 'FILE_TOO_LARGE'
    ? fail(read.code, `the ${what} is larger than ${limit / 1024} KiB`, `remove what is no ${what}`)
    : fail(read.code, 'this is no UTF-8 text', 'save it as UTF-8');
}

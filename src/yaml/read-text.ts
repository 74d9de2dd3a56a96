import type { FileTree } from '../file-tree.ts';

export type ReadText = { readonly text: string } | { readonly flaw: 'too large' | 'not UTF-8' };

/** The problem codes of what keeps a text from being read. */
export const FLAW_CODES = { 'too large': 'FILE_TOO_LARGE', 'not UTF-8': 'NOT_UTF8' } as const;

/**
 * Reads a text file of at most `limit` bytes. A larger one is not read at all; one that grows in the
 * meantime no further than that.
 */
export function readText(tree: FileTree, path: string, limit: number): ReadText {
  if (tree.size(path) > limit) return { flaw: 'too large' };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  let text = '';
  try {
    for (const piece of tree.read(path)) {
      length += piece.length;
      if (length > limit) return { flaw: 'too large' };
      text += decoder.decode(piece, { stream: true });
    }
    return { text: text + decoder.decode() };
  } catch (error) {
    if (error instanceof TypeError) return { flaw: 'not UTF-8' };
    throw error;
  }
}

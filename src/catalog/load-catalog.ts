import { InvalidInputError } from '../problem.ts';
import type { FileTree } from '../tree/file-tree.ts';
import type { Image } from './image.ts';
import { parseCatalog } from './parse-catalog.ts';
import type { CatalogProblemCode } from './problem-code.ts';
import { readText } from '../document/read-text.ts';

/** The largest catalog that is read: 1 MiB, some thousands of images. */
export const MAX_CATALOG_BYTES = 1024 * 1024;

/**
 * Reads and parses the catalog at a path of the checkout, such as `config/images.yml`. Throws an
 * `InvalidInputError` with every problem there is; a file that is too large is not read at all.
 */
export function loadCatalog(tree: FileTree, file: string): readonly Image[] {
  const kind = tree.entry(file)?.kind;
  if (kind !== 'file') {
    const problem = kind === undefined ? 'there is no such file' : `this is a ${kind}, no file`;
    throw fileError(file, 'FILE_MISSING', problem, 'write the catalog there or correct the path');
  }
  const read = readText(tree, file, MAX_CATALOG_BYTES);
  if ('text' in read) return parseCatalog({ file, text: read.text, tree });
  throw read.flaw === 'too large'
    ? fileError(
        file,
        'FILE_TOO_LARGE',
        'the catalog is larger than 1 MiB',
        'remove what is no image',
      )
    : fileError(file, 'NOT_UTF8', 'this is no UTF-8 text', 'save it as UTF-8');
}

function fileError(
  file: string,
  code: CatalogProblemCode,
  problem: string,
  remedy: string,
): InvalidInputError {
  return new InvalidInputError([{ code, file, path: '', problem, remedy }]);
}

import { FLAW_CODES, readText } from '../yaml/read-text.ts';
import type { FileTree } from '../file-tree.ts';
import { parseCatalog } from './parse-catalog.ts';
import type { ParsedCatalog } from './parse-catalog.ts';
import type { CatalogProblemCode } from './problem-code.ts';

/** The largest catalog that is read: 1 MiB, some thousands of images. */
export const MAX_CATALOG_BYTES = 1024 * 1024;

/**
 * Reads and parses the catalog at a path of the checkout, such as `config/images.yml`. A file that is
 * too large is not read at all.
 */
export function loadCatalog(tree: FileTree, file: string): ParsedCatalog {
  const kind = tree.entry(file)?.kind;
  if (kind !== 'file') {
    const problem = kind === undefined ? 'there is no such file' : `this is a ${kind}, no file`;
    return refuse(file, 'FILE_MISSING', problem, 'write the catalog there or correct the path');
  }
  const read = readText(tree, file, MAX_CATALOG_BYTES);
  if ('text' in read) return parseCatalog({ file, text: read.text, tree });
  const code = FLAW_CODES[read.flaw];
  return code === 'FILE_TOO_LARGE'
    ? refuse(file, code, 'the catalog is larger than 1 MiB', 'remove what is no image')
    : refuse(file, code, 'this is no UTF-8 text', 'save it as UTF-8');
}

function refuse(
  file: string,
  code: CatalogProblemCode,
  problem: string,
  remedy: string,
): ParsedCatalog {
  return { entries: [], problems: [{ code, file, path: '', problem, remedy }] };
}

import { loadText } from '../document/load-text.ts';
import type { FileTree } from '../tree/file-tree.ts';
import type { Image } from './image.ts';
import { parseCatalog } from './parse-catalog.ts';

/**
 * Reads and parses the catalog at a path of the checkout, such as `config/images.yml`. Throws an
 * `InvalidInputError` with every problem there is; a file that is too large is not read at all.
 */
export function loadCatalog(tree: FileTree, file: string): readonly Image[] {
  return parseCatalog({ file, text: loadText(tree, file, 'catalog'), tree });
}

import { loadText } from '../yaml/load-text.ts';
import type { FileTree } from '../file-tree.ts';
import { parseRetention } from './parse-retention.ts';
import type { Retention } from './retention.ts';

/**
 * Reads and parses the retention file at a path of the checkout, such as `config/retention.yml`. Throws
 * an `InvalidInputError` with every problem there is; each code is a `RetentionProblemCode`.
 */
export function loadRetention(tree: FileTree, file: string): Retention {
  return parseRetention(file, loadText(tree, file, 'retention file'));
}

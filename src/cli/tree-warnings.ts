import { printable } from './format-table.ts';
import type { TreeDifference } from '../git/tree-differences.ts';

const MOST_PRINTED = 20;

/** A warning for each file that is not as in the checkout's commit. */
export function treeWarnings(differences: readonly TreeDifference[]): readonly string[] {
  const lines = differences.slice(0, MOST_PRINTED).map(({ file, problem, remedy }) => {
    return `${file === undefined ? '' : `${printable(file)} `}${problem}; ${remedy}`;
  });
  const others = differences.length - lines.length;
  return others > 0 ? [...lines, `and ${others} more files are not as in the commit`] : lines;
}

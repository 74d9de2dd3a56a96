import { printable } from './format-table.ts';
import type { BuildFiles } from '../catalog/image.ts';
import { parentOf } from '../file-tree.ts';
import { untrackedFiles } from '../git/checkout-state.ts';
import { workingTree } from '../git/working-tree.ts';
import { countedFiles } from '../tag/list-context.ts';

const MOST_PRINTED = 20;

/**
 * A warning for each file that the images' tags count and git does not track: a clean checkout gets
 * other tags. None outside of a repository.
 */
export function untrackedWarnings(root: string, images: readonly BuildFiles[]): readonly string[] {
  const places = images.flatMap(({ context, dockerfile }) => [context, parentOf(dockerfile)]);
  const untracked = untrackedFiles(root, [...new Set(places)]);
  if (untracked.length === 0) return [];
  const files = new Set(untracked);
  // A repository inside of the checkout is one path.
  const repositories = untracked.filter((path) => path.endsWith('/'));
  const found = [...countedFiles(images, workingTree(root))]
    .filter((file) => files.has(file) || repositories.some((folder) => file.startsWith(folder)))
    .toSorted();
  const reason = 'is not in git: the tag counts it, a clean checkout will have another';
  const lines = found.slice(0, MOST_PRINTED).map((file) => `${printable(file)} ${reason}`);
  const others = found.length - lines.length;
  return others > 0 ? [...lines, `and ${others} more files are not in git`] : lines;
}

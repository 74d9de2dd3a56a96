import { dirname } from 'node:path/posix';
import type { Image } from '../catalog/image.ts';
import { untrackedFiles } from '../git/untracked-files.ts';
import { countedFiles } from '../tag/counted-files.ts';
import type { FileTree } from '../file-tree.ts';

const MOST_PRINTED = 20;

/**
 * A line for each file that the images' tags count and git does not know, and so no other checkout
 * has; none outside a repository.
 */
export function warnOfUntrackedFiles(
  root: string,
  tree: FileTree,
  images: readonly Pick<Image, 'context' | 'dockerfile'>[],
): readonly string[] {
  const places = images.flatMap(({ context, dockerfile }) => [context, folderOf(dockerfile)]);
  const untracked = untrackedFiles(root, [...new Set(places)]);
  if (untracked.length === 0) return [];
  const exact = new Set(untracked);
  const repositories = untracked.filter((path) => path.endsWith('/'));
  const found = [...countedFiles(images, tree)].filter(
    (file) => exact.has(file) || repositories.some((folder) => file.startsWith(folder)),
  );
  const lines = found
    .toSorted()
    .slice(0, MOST_PRINTED)
    .map(
      (file) =>
        `warning: ${printable(file)} is not in git: the tag counts it, a clean checkout will have another`,
    );
  const others = found.length - lines.length;
  return others > 0 ? [...lines, `warning: and ${others} more files are not in git`] : lines;
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}

/** A name may hold line breaks and what else moves a terminal's cursor. */
function printable(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

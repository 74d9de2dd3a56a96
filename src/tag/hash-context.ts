import { joinPath, pathInside } from './context-path.ts';
import { remember, type HashCache } from './hash-cache.ts';
import { listContext, type ContextFile } from './list-context.ts';
import { findIgnoreFile, loadIgnoreRules } from './load-ignore-rules.ts';
import { sha256 } from './sha256.ts';
import type { Image } from '../catalog/image.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** One letter each, since the encoding below has no separators. */
const KIND_LETTERS = { file: 'f', executable: 'x', symlink: 'l' } as const;

/**
 * SHA-256 of a build context: of each file its path in the context, whether it is executable, and
 * its content; of each symlink its path and target. Nothing else is in it: no time, owner, other
 * mode bit, nor where the checkout is. The image's own Dockerfile is left out, being a build input
 * of its own; the ignore file counts like any other file.
 *
 * Throws an InvalidInputError for ignore files and contexts that can't be used.
 */
export function hashContext(
  image: Pick<Image, 'context' | 'dockerfile'>,
  tree: FileTree,
  cache: HashCache,
): string {
  const { context, dockerfile } = image;
  const own = pathInside(context, dockerfile);
  const ignoreFile = findIgnoreFile(image, tree);
  const rules =
    ignoreFile === undefined
      ? []
      : remember(cache.rules, ignoreFile, () => loadIgnoreRules(ignoreFile, tree));

  const listing = [context, ignoreFile ?? null];
  return remember(cache.contexts, JSON.stringify([...listing, own ?? null]), () => {
    const files = remember(cache.listings, JSON.stringify(listing), () =>
      listContext(context, rules, tree),
    );
    const counted = files.filter(({ path }) => path !== own);
    return sha256(counted.map((file) => encodeFile(file, context, tree, cache)));
  });
}

/** Hash of a file's content, read once however many images use it. */
export function hashFile(place: string, tree: FileTree, cache: HashCache): string {
  return remember(cache.files, place, () => sha256(tree.read(place)));
}

/** Kind, length of the path in bytes, path, 64 digits: no two lists of files run together the same. */
function encodeFile(
  { path, kind }: ContextFile,
  context: string,
  tree: FileTree,
  cache: HashCache,
): string {
  const place = joinPath(context, path);
  const content =
    kind === 'symlink' ? sha256([tree.readLink(place)]) : hashFile(place, tree, cache);
  return `${KIND_LETTERS[kind]}${Buffer.byteLength(path)}:${path}${content}`;
}

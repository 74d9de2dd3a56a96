import { createHash } from 'node:crypto';
import {
  type ContextListing,
  findIgnoreFile,
  joinPath,
  listFiltered,
  type ContextFile,
} from './list-context.ts';
import type { BuildFiles } from '../catalog/image.ts';
import type { FileTree } from '../file-tree.ts';
import { collectProblems, InvalidInputError } from '../problem.ts';

/** What was hashed already; valid for one tree that doesn't change meanwhile. */
export interface HashCache {
  /** Content hash by path in the checkout. */
  readonly files: Map<string, string>;
  /** Context listings by context and ignore file. */
  readonly listings: Map<string, ContextListing>;
  /** The hashed files of contexts by context, ignore file and Dockerfile. */
  readonly hashed: Map<string, readonly HashedFile[]>;
  /** Context hashes by context, ignore file and Dockerfile. */
  readonly contexts: Map<string, string>;
}

export function emptyHashCache(): HashCache {
  return { files: new Map(), listings: new Map(), hashed: new Map(), contexts: new Map() };
}

/** The map's value, computed when it is not there yet. */
function remember<Value>(map: Map<string, Value>, key: string, compute: () => Value): Value {
  const value = map.get(key) ?? compute();
  map.set(key, value);
  return value;
}

/** SHA-256 of the parts one after the other, as 64 hexadecimal digits; text counts as UTF-8. */
export function sha256(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** One letter each, since the encoding below has no separators. */
const KIND_LETTERS = { file: 'f', executable: 'x', symlink: 'l' } as const;

/** A file or symlink of a context, and the SHA-256 of its content or target. */
export interface HashedFile extends ContextFile {
  readonly content: string;
}

/**
 * SHA-256 of a build context: of each file its path in the context, whether it is executable, and
 * its content; of each symlink its path and target. Nothing else is in it: no time, owner, other
 * mode bit, nor where the checkout is.
 *
 * Throws an InvalidInputError with all problems of the ignore file and the context: a pattern that is
 * rejected hides no file that can't be hashed.
 */
export function hashContext(build: BuildFiles, tree: FileTree, cache: HashCache): string {
  const files = hashFiles(build, tree, cache);
  return remember(cache.contexts, keyOf(build, tree), () => sha256(files.map(encodeFile)));
}

/**
 * What the hash of a context is made of, in the order of the paths. The image's own Dockerfile is left out, being a
 * build input of its own; the ignore file counts like any other file. Throws as `hashContext` does.
 */
export function hashFiles(
  build: BuildFiles,
  tree: FileTree,
  cache: HashCache,
): readonly HashedFile[] {
  const { context } = build;
  const own = ownDockerfile(build);
  const ignoreFile = findIgnoreFile(build, tree);
  const listing = remember(cache.listings, JSON.stringify([context, ignoreFile ?? null]), () =>
    listFiltered(context, ignoreFile, tree),
  );
  return remember(cache.hashed, keyOf(build, tree), () => {
    const problems = [...listing.problems];
    const hashed = listing.files.flatMap((file): readonly HashedFile[] => {
      if (file.path === own) return [];
      const content = collectProblems(problems, () => hashContent(file, context, tree, cache));
      return content === undefined ? [] : [{ ...file, content }];
    });
    if (problems.length > 0) throw new InvalidInputError(problems);
    return hashed;
  });
}

function keyOf(build: BuildFiles, tree: FileTree): string {
  const parts = [build.context, findIgnoreFile(build, tree), ownDockerfile(build)];
  return JSON.stringify(parts.map((part) => part ?? null));
}

/** The path of an image's Dockerfile in its context; absent where it is outside. */
function ownDockerfile({ context, dockerfile }: BuildFiles): string | undefined {
  const folder = context === '' ? '' : `${context}/`;
  return dockerfile.startsWith(folder) ? dockerfile.slice(folder.length) : undefined;
}

/** Hash of a file's content, read once however many images use it. */
export function hashFile(file: string, tree: FileTree, cache: HashCache): string {
  return remember(cache.files, file, () => sha256(tree.read(file)));
}

function hashContent(
  { path, kind }: ContextFile,
  context: string,
  tree: FileTree,
  cache: HashCache,
): string {
  const file = joinPath(context, path);
  return kind === 'symlink' ? sha256([tree.readLink(file)]) : hashFile(file, tree, cache);
}

/** Kind, length of the path in bytes, path, 64 digits: no two lists of files run together the same. */
function encodeFile({ path, kind, content }: HashedFile): string {
  return `${KIND_LETTERS[kind]}${Buffer.byteLength(path)}:${path}${content}`;
}

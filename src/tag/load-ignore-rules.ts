import { parseDockerignore, type ParsedRules } from './dockerignore.ts';
import type { Image } from '../catalog/image.ts';
import { readText } from '../yaml/read-text.ts';
import type { FileTree } from '../file-tree.ts';

/** The largest ignore file that is read; real ones have some hundred bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * The ignore file of a build: `<Dockerfile>.dockerignore`, or else `<context>/.dockerignore`. An
 * empty file counts as one: the other is not read then. `undefined` when there is neither.
 */
export function findIgnoreFile(
  { context, dockerfile }: Pick<Image, 'context' | 'dockerfile'>,
  tree: FileTree,
): string | undefined {
  const places = [`${dockerfile}.dockerignore`, joinPath(context, '.dockerignore')];
  return places.find((place) => tree.entry(place) !== undefined);
}

/** Reads an ignore file: the rules that are sound, and what is wrong with the others or the file. */
export function loadIgnoreRules(file: string, tree: FileTree): ParsedRules {
  if (tree.entry(file)?.kind !== 'file') {
    return unusable(file, 'is not a plain file', 'put the patterns themselves here');
  }
  const read = readText(tree, file, MAX_BYTES);
  if ('text' in read) return parseDockerignore(read.text, file);
  const remedy = read.code === 'FILE_TOO_LARGE' ? 'keep it below 1 MiB' : 'save it as UTF-8';
  return unusable(file, read.code === 'FILE_TOO_LARGE' ? 'is too large' : 'is not UTF-8', remedy);
}

function unusable(file: string, problem: string, remedy: string): ParsedRules {
  return { rules: [], problems: [{ code: 'DOCKERIGNORE_FILE', file, path: '', problem, remedy }] };
}

/** Joins two paths of the checkout, either of which may be empty. */
export function joinPath(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}

/** The path relative to the directory; `undefined` when it is not below it. */
export function pathInside(directory: string, path: string): string | undefined {
  if (directory === '') return path;
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}

import { parseDockerignore, type ParsedRules } from './dockerignore.ts';
import { joinPath } from './context-path.ts';
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
  const remedy = read.flaw === 'too large' ? 'keep it below 1 MiB' : 'save it as UTF-8';
  return unusable(file, `is ${read.flaw}`, remedy);
}

function unusable(file: string, problem: string, remedy: string): ParsedRules {
  return { rules: [], problems: [{ code: 'DOCKERIGNORE_FILE', file, path: '', problem, remedy }] };
}

import { parseDockerignore, type IgnoreRules } from './dockerignore.ts';
import { joinPath } from './context-path.ts';
import type { Image } from '../catalog/image.ts';
import { readText } from '../document/read-text.ts';
import { InvalidInputError } from '../problem.ts';
import type { FileTree } from '../tree/file-tree.ts';

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

/** Reads an ignore file. Throws an InvalidInputError for one that can't be used. */
export function loadIgnoreRules(file: string, tree: FileTree): IgnoreRules {
  if (tree.entry(file)?.kind !== 'file') {
    throw unusable(file, 'is not a plain file', 'put the patterns themselves here');
  }
  const read = readText(tree, file, MAX_BYTES);
  if (!('text' in read)) {
    const remedy = read.flaw === 'too large' ? 'keep it below 1 MiB' : 'save it as UTF-8';
    throw unusable(file, `is ${read.flaw}`, remedy);
  }
  const { rules, problems } = parseDockerignore(read.text, file);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return rules;
}

function unusable(file: string, problem: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code: 'DOCKERIGNORE_FILE', file, path: '', problem, remedy }]);
}

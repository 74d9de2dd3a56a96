import { parseDockerignore, type IgnoreRules } from './dockerignore.ts';
import { joinPath } from './context-path.ts';
import type { Image } from '../catalog/image.ts';
import { readText } from '../catalog/read-text.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** The largest ignore file that is read; real ones have some hundred bytes. */
const MAX_BYTES = 1024 * 1024;

/** The ignore rules of a build, and the file that they came from; no rules without a file. */
export interface LoadedIgnoreRules {
  readonly rules: IgnoreRules;
  readonly file: string | undefined;
}

/**
 * Reads `<Dockerfile>.dockerignore`, or else `<context>/.dockerignore`. An empty file counts as one:
 * the other is not read then. Throws an InvalidInputError for a file that can't be used.
 */
export function loadIgnoreRules(
  { context, dockerfile }: Pick<Image, 'context' | 'dockerfile'>,
  tree: FileTree,
): LoadedIgnoreRules {
  const places = [`${dockerfile}.dockerignore`, joinPath(context, '.dockerignore')];
  const file = places.find((place) => tree.entry(place) !== undefined);
  if (file === undefined) return { rules: [], file };
  if (tree.entry(file)?.kind !== 'file') {
    throw new InvalidInputError([
      unusable(file, 'is not a plain file', 'put the patterns themselves here'),
    ]);
  }
  const read = readText(tree, file, MAX_BYTES);
  if (!('text' in read)) {
    const remedy = read.flaw === 'too large' ? 'keep it below 1 MiB' : 'save it as UTF-8';
    throw new InvalidInputError([unusable(file, `is ${read.flaw}`, remedy)]);
  }
  const { rules, problems } = parseDockerignore(read.text, file);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { rules, file };
}

function unusable(file: string, problem: string, remedy: string): Problem {
  return { code: 'DOCKERIGNORE_FILE', file, path: '', problem, remedy };
}

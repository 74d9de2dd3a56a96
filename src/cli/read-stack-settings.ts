import { readText } from '../yaml/read-text.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { parseStackSettings, type SourceFile } from '../settings/stack-settings.ts';
import type { FileTree } from '../file-tree.ts';

const MAX_BYTES = 1024 * 1024;

/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` at the top of the checkout. */
export function readStackSettings(tree: FileTree, stack: string): ParsedSettings {
  const project = readSource(tree, 'Pulumi.yaml', "run this from the checkout's top directory");
  const file = `Pulumi.${stack}.yaml`;
  const settings = readSource(tree, file, 'write it, or choose another stack with --stack');
  if ('text' in project && 'text' in settings) return parseStackSettings(project, settings);
  return { problems: [project, settings].filter((source) => 'code' in source) };
}

/** The same for commands that need valid settings. Throws an InvalidInputError. */
export function requireStackSettings(tree: FileTree, stack: string): Settings {
  const parsed = readStackSettings(tree, stack);
  if ('settings' in parsed) return parsed.settings;
  throw new InvalidInputError(parsed.problems);
}

function readSource(tree: FileTree, file: string, remedy: string): SourceFile | Problem {
  const place = { file, path: '' };
  if (tree.entry(file)?.kind !== 'file') {
    return { ...place, code: 'FILE_MISSING', problem: 'there is no such file', remedy };
  }
  const read = readText(tree, file, MAX_BYTES);
  if ('text' in read) return { file, text: read.text };
  const problem = `the file is ${read.code === 'NOT_UTF8' ? 'not UTF-8' : 'too large'}`;
  return { ...place, code: read.code, problem, remedy: 'write UTF-8 of at most 1 MiB' };
}

/** A path in messages, as git writes it: `main:config/images.yml`, or the path alone. */
export function placeAtRevision(revision: string | undefined, file: string): string {
  return revision === undefined || file === '' ? file : `${revision}:${file}`;
}

/**
 * Returns the result of `read`. Problems that it throws are placed in the revision, if there is one:
 * nobody can edit a commit, and the file in the checkout may be valid.
 */
export function atRevision<T>(revision: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (revision === undefined || !(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      error.problems.map((problem) => ({
        ...problem,
        file: placeAtRevision(revision, problem.file),
        remedy:
          problem.code === 'FILE_MISSING'
            ? 'compare with a revision that has the file of these settings'
            : problem.remedy,
      })),
    );
  }
}

import { readText } from '../document/read-text.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { Settings } from '../settings/settings.ts';
import { parseStackSettings, type SourceFile } from '../settings/stack-settings.ts';
import type { FileTree } from '../tree/file-tree.ts';

const MAX_BYTES = 1024 * 1024;

/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` at the top of the checkout. */
export function readStackSettings(tree: FileTree, stack: string): Settings {
  const project = readSource(tree, 'Pulumi.yaml', "run this from the checkout's top directory");
  const file = `Pulumi.${stack}.yaml`;
  const settings = readSource(tree, file, 'write it, or choose another stack with --stack');
  return parseStackSettings(project, settings);
}

function readSource(tree: FileTree, file: string, remedy: string): SourceFile {
  const fail = (code: string, problem: string, mend: string): InvalidInputError => {
    const found: Problem = { code, file, path: '', problem, remedy: mend };
    return new InvalidInputError([found]);
  };
  if (tree.entry(file)?.kind !== 'file')
    throw fail('FILE_MISSING', 'there is no such file', remedy);
  const read = readText(tree, file, MAX_BYTES);
  if ('text' in read) return { file, text: read.text };
  throw fail('FILE_UNREADABLE', `this is ${read.flaw}`, 'write it as UTF-8 of at most 1 MiB');
}

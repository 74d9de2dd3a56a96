import { readText } from '../yaml/read-text.ts';
import type { Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
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

function readSource(tree: FileTree, file: string, remedy: string): SourceFile | Problem {
  if (tree.entry(file)?.kind !== 'file') {
    return { code: 'FILE_MISSING', file, path: '', problem: 'there is no such file', remedy };
  }
  const read = readText(tree, file, MAX_BYTES);
  if ('text' in read) return { file, text: read.text };
  return {
    code: read.code,
    file,
    path: '',
    problem: read.code === 'NOT_UTF8' ? 'this is not UTF-8' : 'this is too large',
    remedy: 'write it as UTF-8 of at most 1 MiB',
  };
}

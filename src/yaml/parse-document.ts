import { InvalidInputError } from '../problem.ts';
import { parseYaml } from './yaml-document.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Parses the YAML of `file`, or throws an `InvalidInputError` with every mistake in its syntax. */
export function parseDocument(file: string, text: string): YamlDocument {
  const yaml = parseYaml(text);
  if ('document' in yaml) return yaml.document;
  throw new InvalidInputError(yaml.problems.map((flaw) => ({ file, ...flaw })));
}

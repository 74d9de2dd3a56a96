import { isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { checkYaml } from './check-yaml.ts';
import type { DocumentPath } from './document-path.ts';
import { nodeFinder } from './node-finder.ts';

/** 1-based line and column. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML document as plain values, with the way back from a path to its place in the text. */
export interface YamlDocument {
  readonly value: unknown;
  /** Of the node at a path, of its key if `atKey`; where nothing stands, of the nearest one above. */
  readonly placeOf: (path: DocumentPath, atKey?: boolean) => Place;
  /** A plain value as it was written, such as `24.10` where `value` has the number 24.1. */
  readonly sourceOf: (path: DocumentPath) => string | undefined;
}

export interface YamlProblem extends Place {
  readonly code: 'YAML_SYNTAX' | 'YAML_ALIASES';
  readonly problem: string;
  readonly remedy: string;
}

export type ParsedYaml =
  { readonly document: YamlDocument } | { readonly problems: readonly YamlProblem[] };

const TOP: Place = { line: 1, column: 1 };

/**
 * Parses one document of YAML 1.2 with its core schema. Refused: several documents, own tags, keys that
 * are no plain text, a `%YAML` directive (1.1 reads `yes` and dates differently), circular aliases, and
 * aliases that multiply. Never throws.
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line > 0 ? { line, column: col } : TOP;
  };
  let document: Document.Parsed;
  try {
    // Unique keys are checked by checkYaml, in linear time.
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    // The parser recurses: a document of nothing but brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    return { problems: [syntaxProblem(TOP, 'the document is nested too deeply')] };
  }

  const problems: YamlProblem[] = [...document.errors, ...document.warnings].map(
    ({ message, pos: [offset] }) => syntaxProblem(place(offset), message),
  );
  if (document.directives.yaml.explicit === true) {
    problems.push(syntaxProblem(TOP, 'a %YAML directive changes how values are read'));
  }
  if (problems.length === 0) {
    for (const { offset, ...flaw } of checkYaml(document)) {
      problems.push({ ...place(offset), ...flaw });
    }
  }
  if (problems.length > 0) return { problems: firstPerPlace(problems) };
  return { document: locatedDocument(document, place) };
}

/** One mistake makes the parser complain over and over, where it stands. */
function firstPerPlace(problems: readonly YamlProblem[]): readonly YamlProblem[] {
  const key = ({ line, column }: Place) => `${line}:${column}`;
  return [...new Map(problems.toReversed().map((each) => [key(each), each])).values()];
}

function syntaxProblem(place: Place, problem: string): YamlProblem {
  return {
    code: 'YAML_SYNTAX',
    ...place,
    problem: problem.replaceAll(/\s+/g, ' '),
    remedy: 'write one plain YAML 1.2 document',
  };
}

function locatedDocument(
  document: Document.Parsed,
  place: (offset: number) => Place,
): YamlDocument {
  const find = nodeFinder(document);
  return {
    // checkYaml has measured the aliases, by a stricter rule than the count that toJS applies.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    placeOf: (path, atKey = false) => {
      const { node, key } = find(path);
      return place((atKey ? key : node)?.range?.[0] ?? node?.range?.[0] ?? 0);
    },
    sourceOf: (path) => {
      const { node, depth } = find(path);
      return depth === path.length && isScalar(node) ? node.source : undefined;
    },
  };
}

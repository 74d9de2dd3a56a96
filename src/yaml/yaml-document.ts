import { isScalar, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { checkYaml } from './check-yaml.ts';
import type { DocumentPath } from './document-path.ts';
import { nodeFinder } from './node-finder.ts';
import { explainSyntaxError, TOO_DEEP } from './syntax-error.ts';
import type { SyntaxFlaw } from './syntax-error.ts';

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
  readonly code: 'YAML_SYNTAX' | 'YAML_ALIASES' | 'FILE_TOO_LARGE';
  /** As in `images[2].version`; empty where the text is no document at all. */
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

export type ParsedYaml =
  { readonly document: YamlDocument } | { readonly problems: readonly YamlProblem[] };

/**
 * Keys, values, signs, spaces and ends of lines: room for some 5000 images, and parsed in a second or
 * so whatever they are. Bytes are no measure: a short word takes as long as a base image.
 */
export const MAX_TOKENS = 200_000;

/** Mistakes in the syntax that are explained; one mistake often makes all the text behind it wrong. */
const MAX_SYNTAX_ERRORS = 1000;

const TOP: Place = { line: 1, column: 1 };

/**
 * Parses one document of YAML 1.2 with its core schema. Refused: several documents, own tags, keys that
 * are no plain text, a `%YAML` directive (1.1 reads `yes` and dates differently), circular aliases, and
 * aliases that multiply, and texts of more than `MAX_TOKENS`. Never throws.
 */
export function parseYaml(text: string): ParsedYaml {
  if (hasTooManyTokens(text)) return { problems: [TOO_MANY_TOKENS] };
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
    return { problems: [syntaxProblem(TOP, TOO_DEEP)] };
  }

  const problems: YamlProblem[] = [...document.errors, ...document.warnings]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((error) => syntaxProblem(place(error.pos[0]), explainSyntaxError(error)));
  if (document.directives.yaml.explicit === true) {
    const problem = 'a %YAML directive changes how values are read';
    problems.push(syntaxProblem(TOP, { problem, remedy: 'delete it' }));
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

function syntaxProblem(place: Place, flaw: SyntaxFlaw): YamlProblem {
  return { code: 'YAML_SYNTAX', ...place, path: '', ...flaw };
}

const TOO_MANY_TOKENS: YamlProblem = {
  code: 'FILE_TOO_LARGE',
  ...TOP,
  path: '',
  problem: `there are more than ${MAX_TOKENS.toLocaleString('en')} words and signs here`,
  remedy: 'remove what does not belong here',
};

function hasTooManyTokens(text: string): boolean {
  const tokens = new Lexer().lex(text);
  for (let count = 0; count <= MAX_TOKENS; count++) {
    if (tokens.next().done === true) return false;
  }
  return true;
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

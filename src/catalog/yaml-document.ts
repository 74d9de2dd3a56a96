import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { checkYaml } from './check-yaml.ts';
import type { DocumentPath } from './finding.ts';

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
    const flaws = checkYaml(document);
    problems.push(...flaws.map(({ offset, ...flaw }) => ({ ...place(offset), ...flaw })));
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
  return {
    // checkYaml has measured the aliases, by a stricter rule than the count that toJS applies.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    placeOf: (path, atKey = false) => {
      const { node, key } = find(document, path);
      return place((atKey ? key : node)?.range?.[0] ?? node?.range?.[0] ?? 0);
    },
    sourceOf: (path) => {
      const { node, depth } = find(document, path);
      return depth === path.length && isScalar(node) ? node.source : undefined;
    },
  };
}

/** The deepest node along a path, the key it stands under, and how many parts of the path led to it. */
function find(
  document: Document.Parsed,
  path: DocumentPath,
): { node: Node | null; key?: Node; depth: number } {
  let found: { node: Node | null; key?: Node } = { node: document.contents };
  for (const [depth, part] of path.entries()) {
    const parent = isAlias(found.node) ? (found.node.resolve(document) ?? null) : found.node;
    const next = childOf(parent, part);
    if (next === undefined) return { ...found, depth };
    found = next;
  }
  return { ...found, depth: path.length };
}

function childOf(
  parent: Node | null,
  part: string | number,
): { node: Node; key?: Node } | undefined {
  if (isSeq<Node>(parent) && typeof part === 'number') {
    const node = parent.items[part];
    return node && { node };
  }
  if (!isMap<Node, Node | null>(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === part);
  return pair && { node: pair.value ?? pair.key, key: pair.key };
}

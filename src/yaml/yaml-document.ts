import {
  isCollection,
  isNode,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLError,
} from 'yaml';
import { checkYaml } from './check-yaml.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import {
  formatDocumentPath,
  type DocumentPath,
  type DocumentProblem,
  type Position,
} from './document-problem.ts';
import { nodeFinder } from './find-node.ts';

/** A scalar as it is written in a document; where an alias names it, at its anchor. */
export interface WrittenScalar extends Position {
  readonly value: unknown;
  /** The text that became `value`, without quotes: `24.10` for the number 24.1. */
  readonly spelling: string;
  /** 0-based, in UTF-16 code units; quotes and the sign of a block belong to it, an anchor does not. */
  readonly start: number;
  readonly end: number;
}

/** A YAML document as plain values, with the way back from a path to its place in the text. */
export interface YamlDocument {
  readonly value: unknown;
  /** The position of the node at a path, or of its key if `atKey`. Without such a node, that of the nearest one above. */
  readonly positionOf: (path: DocumentPath, atKey?: boolean) => Position;
  readonly scalarAt: (path: DocumentPath) => WrittenScalar | undefined;
  /** The offset behind the last sign of the node at a path; 0 where nothing stands. */
  readonly endOf: (path: DocumentPath) => number;
}

/**
 * Keys, values, signs, spaces and ends of lines: room for some 5000 images, and parsed in a second or
 * so whatever they are. Bytes are no measure: a short word takes as long as a base image.
 */
const MAX_TOKENS = 200_000;

/** Syntax errors that are explained; one of them often makes all the text behind it wrong. */
const MAX_SYNTAX_ERRORS = 1000;

const TOP: Position = { line: 1, column: 1 };

/**
 * Parses one document of YAML 1.2 with its core schema; `file` goes into the problems. Throws an
 * InvalidInputError (YAML_SYNTAX, YAML_ALIASES, FILE_TOO_LARGE) also for several documents, own tags, keys
 * that are no plain text, a `%YAML` directive (1.1 reads `yes` and dates differently), circular aliases,
 * aliases that multiply, and texts of more than `MAX_TOKENS`.
 */
export function parseYaml(text: string, file: string): YamlDocument {
  const { document, problems } = readYaml(text, file);
  if (document === undefined || problems.length > 0) throw new InvalidInputError(problems);
  return document;
}

/**
 * The same, with the problems beside the document where they are those of keys alone, so that its values can be
 * checked as well. Of a key that stands there twice, the last value counts.
 */
export function readYaml(
  text: string,
  file: string,
): { readonly document?: YamlDocument; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return line > 0 ? { line, column: col } : TOP;
  };
  const syntaxProblem = (position: Position, [problem, remedy]: Explanation): Problem => {
    return { code: 'YAML_SYNTAX', file, ...position, problem, remedy };
  };
  if (hasTooManyTokens(text)) {
    const found = syntaxProblem(TOP, TOO_MANY_TOKENS);
    return { problems: [{ ...found, code: 'FILE_TOO_LARGE' }] };
  }
  let document: Document.Parsed;
  try {
    // checkYaml finds repeated keys in linear time.
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      // Keys that are mappings are problems of their own, and no warning on the terminal.
      logLevel: 'error',
    });
  } catch (error) {
    // The parser recurses: a document of nothing but brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    return { problems: [syntaxProblem(TOP, TOO_DEEP)] };
  }

  const problems = [...document.errors, ...document.warnings]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((error) => syntaxProblem(positionAt(error.pos[0]), explainSyntaxError(error)));
  if (document.directives.yaml.explicit === true) {
    problems.push(
      syntaxProblem(TOP, ['a %YAML directive changes how values are read', 'delete it']),
    );
  }
  if (problems.length > 0) return { problems: firstPerPosition(problems) };
  const inKeys = checkYaml(document, positionAt).map((problem) => ({ file, ...problem }));
  const located = firstPerPosition(inKeys);
  // Aliases that multiply must never be resolved.
  if (inKeys.some(({ code }) => code === 'YAML_ALIASES')) return { problems: located };
  return { document: locatedDocument(document, positionAt), problems: located };
}

/** Adds line and column to a problem of a document; `file` is a path relative to the checkout. */
export function locateProblem(
  { code, path, problem, remedy, atKey }: DocumentProblem<string>,
  document: YamlDocument,
  file: string,
): Problem {
  const position = document.positionOf(path, atKey);
  return { code, file, ...position, path: formatDocumentPath(path), problem, remedy };
}

type Explanation = readonly [problem: string, remedy: string];

export const TOO_MANY_TOKENS: Explanation = [
  `there are more than ${MAX_TOKENS.toLocaleString('en')} words and signs here`,
  'remove what does not belong here',
];

export const TOO_DEEP: Explanation = [
  'lists and mappings are nested too deeply here',
  'close the brackets, or write it with fewer levels',
];

/** Explains an error of the YAML parser, whose own words are meant for programmers. */
export function explainSyntaxError({ code, message }: YAMLError): Explanation {
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  if (code === 'MULTIPLE_DOCS') {
    const remedy = 'delete the line ---, or move what follows it to a file of its own';
    return ['a second document starts here', remedy];
  }
  return [message.replaceAll(/\s+/g, ' '), 'write one plain YAML 1.2 document'];
}

/** The first problem of each position: the parser reports several. */
function firstPerPosition(problems: readonly Problem[]): readonly Problem[] {
  const key = ({ line, column }: Problem) => `${line}:${column}`;
  return [...new Map(problems.toReversed().map((each) => [key(each), each])).values()];
}

export function hasTooManyTokens(text: string): boolean {
  const tokens = new Lexer().lex(text);
  for (let count = 0; count <= MAX_TOKENS; count++) {
    if (tokens.next().done === true) return false;
  }
  return true;
}

/** The end of a node. The range of a block collection may include what follows it. */
/** Where the line behind an offset begins; the offset itself where a line begins there. */
export function nextLine(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key);
  if (isCollection(node) && node.flow !== true) return endOf(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

function locatedDocument(
  document: Document.Parsed,
  positionAt: (offset: number) => Position,
): YamlDocument {
  const find = nodeFinder(document);
  return {
    // checkYaml has measured the aliases, by a stricter rule than the count that toJS applies.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    positionOf: (path, atKey = false) => {
      const { node, key } = find(path);
      return positionAt((atKey ? key : node)?.range?.[0] ?? node?.range?.[0] ?? 0);
    },
    endOf: (path) => endOf(find(path).node),
    scalarAt: (path) => {
      const { target } = find(path);
      if (!isScalar(target) || !target.range) return undefined;
      const [start, end] = target.range;
      const spelling = target.source ?? String(target.value);
      return { value: target.value, spelling, start, end, ...positionAt(start) };
    },
  };
}

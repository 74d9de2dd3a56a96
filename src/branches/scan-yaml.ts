import { isAlias, isNode, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document } from 'yaml';
import { invalidReference, namedImage, type ScannedText } from './named-image.ts';
import type { ReferenceCode } from './references.ts';
import type { YamlReader } from './source.ts';
import type { NamedImage } from '../image-reference.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import {
  explainSyntaxError,
  hasTooManyTokens,
  TOO_DEEP,
  TOO_MANY_TOKENS,
} from '../yaml/yaml-document.ts';

/**
 * Finds the values of a reader's key in all mappings of a YAML text, at the lines of the keys. Aliases are
 * followed. Merge keys are not: the text has the mapping that they merge, which is read there.
 */
export function scanYaml(text: string, reader: YamlReader): ScannedText {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const found: ScannedText['found'][number][] = [];
  const problems: ScannedText['problems'][number][] = [];
  const ignored: string[] = [];
  const counter = new LineCounter();
  const placeOf = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  const fail = ([problem, remedy]: readonly [string, string], offset?: number): ScannedText => {
    const place = offset === undefined ? {} : placeOf(offset);
    const toDo = `${remedy}, or read the file with a pattern`;
    return { found, problems: [{ code: 'YAML_SYNTAX', ...place, problem, remedy: toDo }], ignored };
  };
  if (hasTooManyTokens(text)) return fail(TOO_MANY_TOKENS);
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: counter,
      prettyErrors: false,
      uniqueKeys: false,
    });
    for (const document of documents) {
      const [error] = document.errors;
      if (error !== undefined) return fail(explainSyntaxError(error), error.pos[0]);
      const values = valuesOf(document, reader.key).map(({ value, offset }) => {
        return { named: imageIn(value, reader), offset };
      });
      for (const { named, offset } of [...values, ...unreadKeys(document, text, reader.key)]) {
        const { line, column } = placeOf(offset);
        const written = lines[line - 1] ?? '';
        if (reader.ignore.includes(written)) ignored.push(written);
        else if ('code' in named) problems.push({ ...named, line, column });
        else found.push({ ...named, line });
      }
    }
  } catch (error) {
    // The parser recurses: a document of nothing but brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    return fail(TOO_DEEP);
  }
  return { found, problems, ignored };
}

/** The nodes that stand under a key, in order, and where the key stands. */
function valuesOf(document: Document.Parsed, key: string) {
  const values: { readonly value: unknown; readonly offset: number }[] = [];
  const anchors = new Map<string, unknown>();
  const resolve = (node: unknown) => (isAlias(node) ? anchors.get(node.source) : node);
  visit(document, {
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Pair: (_, pair) => {
      const name = resolve(pair.key);
      if (!isScalar(name) || String(name.value) !== key) return;
      const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
      values.push({ value: resolve(pair.value), offset });
    },
  });
  return values;
}

/** The places that have the key in other capitals, or with a name inside of a text, as of a script. */
function unreadKeys(document: Document.Parsed, text: string, key: string) {
  const unread: { readonly named: ValueProblem<ReferenceCode>; readonly offset: number }[] = [];
  const name = `(?:\\\\?["'])?[a-z0-9]`;
  const inText = new RegExp(
    `(?<![\\w-])${RegExp.escape(key)}(?:\\\\?["'])?\\s*[:=]\\s*${name}`,
    'giu',
  );
  visit(document, {
    Scalar: (at, { value, range }) => {
      if (typeof value !== 'string' || range == null) return;
      const [start, end] = range;
      if (at === 'key') {
        const isOther = value !== key && value.trim().toLowerCase() === key.toLowerCase();
        if (isOther) unread.push({ named: otherKey(value, key), offset: start });
        return;
      }
      for (const { index } of text.slice(start, end).matchAll(inText)) {
        const before = text.slice(0, start + index);
        const isComment = /^[ \t]*#/.test(before.slice(before.lastIndexOf('\n') + 1));
        if (!isComment) unread.push({ named: keyInText(key), offset: start + index });
      }
    },
  });
  return unread;
}

function otherKey(written: string, key: string): ValueProblem<ReferenceCode> {
  const problem = `the key ${quote(written)} is not ${quote(key)}`;
  return invalidReference(problem, `write ${quote(key)}, or add the line to ignore`);
}

function keyInText(key: string): ValueProblem<ReferenceCode> {
  const problem = `${quote(key)} stands in a text, which is not read`;
  return invalidReference(problem, 'read the file with a pattern, or add the line to ignore');
}

/** `name`, `name:tag`, `name@digest` or `name:tag@digest`. */
const REFERENCE = /^(?<image>[^:@]*)(?::(?<tag>[^@]*))?(?:@(?<digest>.*))?$/s;

const TEXT_TAG = 'tag:yaml.org,2002:str';

function imageIn(
  node: unknown,
  { image, key }: YamlReader,
): NamedImage | ValueProblem<ReferenceCode> {
  const { value, tag = TEXT_TAG } = isScalar(node) ? node : {};
  if (typeof value !== 'string' || tag !== TEXT_TAG) {
    const problem = `the value of ${quote(key)} is no text`;
    return invalidReference(
      problem,
      'write a name, with quotes around a number, or add the line to ignore',
    );
  }
  const text = value.trim();
  return namedImage(text, image, REFERENCE.exec(text)?.groups ?? {});
}

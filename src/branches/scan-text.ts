import { invalidReference, namedImage, type ScannedText } from './named-image.ts';
import type { ReferenceCode } from './references.ts';
import type { PatternReader } from './source.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

/** The longest line that is searched, in characters. It bounds the time that a pattern takes. */
const LONGEST_LINE = 2000;

/** Finds all matches of a reader's pattern in a text, line by line, outside of comments. */
export function scanText(text: string, reader: PatternReader): ScannedText {
  const found: ScannedText['found'][number][] = [];
  const problems: ScannedText['problems'][number][] = [];
  const ignored: string[] = [];
  for (const [at, raw] of text.split(/\r?\n|\r/).entries()) {
    const line = at + 1;
    if (raw.length > LONGEST_LINE) {
      const problem = `the line has more than ${LONGEST_LINE} characters`;
      const remedy = 'break it, or choose files without it';
      problems.push({ code: 'LINE_TOO_LONG', line, problem, remedy });
      continue;
    }
    if (reader.ignore.includes(raw.trim())) {
      ignored.push(raw.trim());
      continue;
    }
    for (const each of scanLine(withoutComment(raw), reader)) {
      if ('code' in each) problems.push({ ...each, line });
      else found.push({ ...each, line });
    }
  }
  return { found, problems, ignored };
}

function scanLine(line: string, { pattern, patternKey, image }: PatternReader) {
  const matches = [...pattern.matchAll(line)];
  const named = matches.map((match) => {
    const result = cutProblem(match) ?? namedImage(match[0], image, match.groups ?? {});
    return 'code' in result ? { ...result, column: startOf(match) + 1 } : result;
  });
  const isRead = (key: RegExpMatchArray) =>
    matches.some((match) => startOf(match) < endOf(key) && startOf(key) < endOf(match));
  const keys = patternKey === undefined ? [] : [...line.matchAll(patternKey)];
  const unread = keys.find((key) => !isRead(key));
  return unread === undefined ? named : [...named, unreadProblem(unread)];
}

/** The last character of a match in a name, and one behind it that is no blank, quote or separator. */
const INSIDE_NAME = /^[\w.:@/-](?:[^\s"'`,;|&<>)\]}\\:]|:\S)/u;
/** A tag or a digest. */
const VERSION = /^[)}\]]?(?:@|:\S)/;

/** What stands before a value of YAML: a key with its colon, or the dash of a list. */
const VALUE_BEGINS = /(?::|^\s*(?:-\s+)*-)\s*["']?$/;
/** The rest of a value behind a blank, up to a quote, a separator or a comment. */
const REST_OF_VALUE = /^\s+[^\s"'`,;|&<>)\]}#][^"'`,;|&<>)\]}#]*/;

/** The problem of a match that ends before the reference does. */
function cutProblem(match: RegExpMatchArray): ValueProblem<ReferenceCode> | undefined {
  const { 0: text, input = '' } = match;
  const end = endOf(match);
  const after = input.slice(end);
  const isCut = INSIDE_NAME.test(input.slice(end - 1)) || VERSION.test(after);
  const isValue = VALUE_BEGINS.test(input.slice(0, end).replace(/[^\s"']*$/, ''));
  if (!isCut && !isValue) return undefined;
  const [rest] = (isCut ? /^\S*/ : REST_OF_VALUE).exec(after) ?? [];
  if (rest === undefined) return undefined;
  const problem = `the pattern reads only ${quote(text)} of ${quote(text + rest.trimEnd())}`;
  return invalidReference(problem, `let the pattern take all of it, or ${IGNORE}`);
}

function unreadProblem({ input, index }: RegExpExecArray) {
  const problem = `${quote(input.trim())} has the pattern's key, and no name that the pattern can read`;
  const remedy = `write the name plainly in this line, read the files as yaml, or ${IGNORE}`;
  return { ...invalidReference(problem, remedy), column: index + 1 };
}

const IGNORE = 'add the line to ignore';

function startOf({ index = 0 }: RegExpMatchArray): number {
  return index;
}

function endOf(match: RegExpMatchArray): number {
  return startOf(match) + match[0].length;
}

/**
 * A line without its comment, which starts with `#`, at the start of the line or after a space, outside of
 * quotes. After a quote that never ends there are no comments: too many references keep too much, too few
 * delete what is needed.
 */
function withoutComment(line: string): string {
  let quotation = '';
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quotation !== '') {
      if (character === quotation) quotation = '';
    } else if (character === '"' || character === "'") quotation = character;
    else if (character === '#' && /^\s?$/.test(line.charAt(at - 1))) return line.slice(0, at);
  }
  return line;
}

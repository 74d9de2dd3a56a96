import { fillTemplate } from './pattern.ts';
import type { ReferenceCode } from './references.ts';
import type { PatternReader } from './source.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseRepository, parseTag, type Tag } from '../image-reference.ts';

/** The longest line that is searched, in characters. It bounds the time that a pattern takes. */
const LONGEST_LINE = 2000;

/** An image that a line names. */
interface FoundReference {
  readonly image: string;
  readonly tag?: Tag;
  /** 1-based. */
  readonly line: number;
}

interface TextProblem extends ValueProblem<ReferenceCode> {
  /** 1-based; absent for a problem of the text as a whole. */
  readonly line?: number;
}

export interface ScannedText {
  readonly found: readonly FoundReference[];
  readonly problems: readonly TextProblem[];
}

/** Finds all matches of a reader's pattern in a text, line by line, outside of comments. */
export function scanText(text: string, reader: PatternReader): ScannedText {
  const found: FoundReference[] = [];
  const problems: TextProblem[] = [];
  for (const [at, raw] of text.split(/\r?\n|\r/).entries()) {
    const line = at + 1;
    if (raw.length > LONGEST_LINE) {
      const problem = `the line has more than ${LONGEST_LINE} characters`;
      const remedy = 'break it, or choose files without it';
      problems.push({ code: 'LINE_TOO_LONG', line, problem, remedy });
      continue;
    }
    for (const match of withoutComment(raw).matchAll(reader.pattern)) {
      const reference = referenceOf(match, reader);
      if ('code' in reference) problems.push({ ...reference, line });
      else found.push({ ...reference, line });
    }
  }
  return { found, problems };
}

function referenceOf(
  { 0: text, groups = {} }: RegExpExecArray,
  { image: template }: PatternReader,
): Omit<FoundReference, 'line'> | ValueProblem<ReferenceCode> {
  const image = fillTemplate(template, groups);
  if (image.includes('/') || parseRepository(image) === undefined) {
    return invalid(text, image, "image's name");
  }
  const written = groups['tag'];
  if (written === undefined) return { image };
  const tag = parseTag(written);
  return tag === undefined ? invalid(text, written, 'tag') : { image, tag };
}

function invalid(text: string, value: string, kind: string): ValueProblem<ReferenceCode> {
  const problem = `${quote(text)} gives ${quote(value)}, which is no ${kind}`;
  const remedy = 'correct it, or make the pattern match nothing but names and tags';
  return { code: 'INVALID_REFERENCE', problem, remedy };
}

/**
 * A line without its comment, which holds no references. A comment starts with `#`, at the start of the
 * line or after a space, outside of quotes. After a quote that never ends there are no comments: too
 * many references keep too much, too few delete what is needed.
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

import { fillTemplate } from './pattern.ts';
import type { ReferenceCode } from './references.ts';
import type { PatternReader } from './source.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseRepository, parseTag, type Tag } from '../image-reference.ts';

/** The longest line that is searched, in characters. It bounds the time that a pattern takes. */
const LONGEST_LINE = 2000;

/** Lines are 1-based. A problem of the text as a whole has none. */
export interface ScannedText {
  readonly found: readonly (NamedImage & { readonly line: number })[];
  readonly problems: readonly (ValueProblem<ReferenceCode> & { readonly line?: number })[];
}

interface NamedImage {
  readonly image: string;
  readonly tag?: Tag;
}

/** Finds all matches of a reader's pattern in a text, line by line, outside of comments. */
export function scanText(text: string, reader: PatternReader): ScannedText {
  const found: ScannedText['found'][number][] = [];
  const problems: ScannedText['problems'][number][] = [];
  for (const [at, raw] of text.split(/\r?\n|\r/).entries()) {
    const line = at + 1;
    if (raw.length > LONGEST_LINE) {
      const problem = `the line has more than ${LONGEST_LINE} characters`;
      const remedy = 'break it, or choose files without it';
      problems.push({ code: 'LINE_TOO_LONG', line, problem, remedy });
      continue;
    }
    for (const match of withoutComment(raw).matchAll(reader.pattern)) {
      const named = imageOf(match, reader);
      if ('code' in named) problems.push({ ...named, line });
      else found.push({ ...named, line });
    }
  }
  return { found, problems };
}

function imageOf(
  { 0: text, groups = {} }: RegExpExecArray,
  { image: template }: PatternReader,
): NamedImage | ValueProblem<ReferenceCode> {
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

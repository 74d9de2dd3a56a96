import type { ReferenceCode } from './references.ts';
import type { PatternReader } from './source.ts';
import { fillTemplate } from './pattern.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseRepository, parseTag, type Tag } from '../image-reference.ts';

/** The longest line that is searched, in characters: what bounds the time that a pattern takes. */
const LONGEST_LINE = 2000;

/** An image that a line names. */
interface FoundReference {
  readonly image: string;
  readonly tag?: Tag;
  /** 1-based. */
  readonly line: number;
}

export interface ScannedText {
  readonly found: readonly FoundReference[];
  readonly flaws: readonly (ValueProblem<ReferenceCode> & { readonly line: number })[];
}

/** All that a reader's pattern finds in a text, line by line, comments left out. */
export function scanText(text: string, reader: PatternReader): ScannedText {
  const found: FoundReference[] = [];
  const flaws: (ValueProblem<ReferenceCode> & { line: number })[] = [];
  for (const [at, raw] of text.split(/\r?\n|\r/).entries()) {
    const line = at + 1;
    if (raw.length > LONGEST_LINE) {
      const problem = `the line has more than ${LONGEST_LINE} characters`;
      const remedy = 'break it, or choose files without it';
      flaws.push({ code: 'LINE_TOO_LONG', line, problem, remedy });
      continue;
    }
    for (const match of withoutComment(raw).matchAll(reader.pattern)) {
      const reference = referenceOf(match, reader);
      if ('code' in reference) flaws.push({ ...reference, line });
      else found.push({ ...reference, line });
    }
  }
  return { found, flaws };
}

function referenceOf(
  { 0: text, groups = {} }: RegExpExecArray,
  { image: template }: PatternReader,
): Omit<FoundReference, 'line'> | ValueProblem<ReferenceCode> {
  const remedy = 'correct it, or make the pattern match nothing but names and tags';
  const image = fillTemplate(template, groups);
  if (image.includes('/') || parseRepository(image) === undefined) {
    const problem = `${quote(text)} gives ${quote(image)}, which is no image's name`;
    return { code: 'INVALID_REFERENCE', problem, remedy };
  }
  const written = groups['tag'];
  if (written === undefined) return { image };
  const tag = parseTag(written);
  if (tag !== undefined) return { image, tag };
  const problem = `${quote(text)} gives ${quote(written)}, which is no tag`;
  return { code: 'INVALID_REFERENCE', problem, remedy };
}

/**
 * A line without its comment: what is commented out is no reference. A comment starts with `#`, at the
 * start or after a space, outside of quotes. A quote that never ends hides no comment sign, so that
 * rather too much is read than too little.
 */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#' && /^\s?$/.test(line.charAt(at - 1))) return line.slice(0, at);
  }
  return line;
}

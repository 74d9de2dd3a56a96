import { listOf, splitFlags } from './dockerfile-syntax.ts';

/** A here-document, whose lines come behind its instruction. */
interface Heredoc {
  /** The line that ends it. */
  readonly name: string;
  /** Whether tabs may stand before that line. */
  readonly tabs: boolean;
}

/** Whether an instruction may have here-documents. */
export function isForHeredocs(instruction: string): boolean {
  return /^\s*(?:add|copy|run)\s/i.test(putOff(instruction));
}

/**
 * The here-documents of an instruction that is written in one line. BuildKit (`heredocsFromLine` of its
 * Dockerfile parser) splits the line as a shell would, and finds none in a line with an open quote or a
 * variable that it does not understand. `escape` is the letter that continues a line.
 */
export function heredocsOf(instruction: string, escape: string): readonly Heredoc[] {
  if (!isForHeredocs(instruction) || !instruction.includes('<<')) return [];
  const { rest } = splitFlags(putOff(instruction), escape);
  if (listOf(rest) !== undefined || !LINE.test(instruction)) return [];
  return (instruction.match(WORD) ?? []).flatMap((word) => {
    const [, dash, quoted = ''] = /^\d*<<(-?)\s*([^<]*)$/.exec(word) ?? [];
    const name = unquoted(quoted);
    return name === '' ? [] : [{ name, tabs: dash === '-' }];
  });
}

/** The instruction that ONBUILD puts off. */
function putOff(instruction: string): string {
  return instruction.replace(/^\s*onbuild\s+/i, '');
}

/** The pattern of a variable, in which variables may stand to a `depth`. */
function variable(depth: number): string {
  const name = String.raw`(?![{}:])(?:\d+|[@*#?$!-]|(?![\d@*#?$!-])\w*)`;
  const inner = depth === 0 ? '' : `|${variable(depth - 1)}`;
  const word = String.raw`(?:'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|[^'"\\}$]|\$(?!\{)${inner})*`;
  return String.raw`\$\{${name}(?:\}|(?::[^#%]|[-+?#%/])${word}\})`;
}

const DOLLAR = String.raw`\$(?!\{)|${variable(2)}`;
const QUOTED = String.raw`'[^']*'|"(?:\\[^]|[^"\\$]|${DOLLAR})*"`;
// Blanks behind << belong to the word.
const PART = String.raw`(?:${QUOTED}|${DOLLAR}|\\[^]|<<[ \t]*(?![ \t])|<(?!<)|[^\s'"\\$<])`;
const LINE = new RegExp(String.raw`^(?:${PART}|\s)*\\?$`);
const WORD = new RegExp(`${PART}+`, 'g');

function unquoted(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])/g,
    (_, single?: string, double?: string, kept?: string) =>
      single ?? double?.replaceAll(/\\(["$\\])/g, '$1') ?? kept ?? '',
  );
}

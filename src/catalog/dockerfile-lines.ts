import { heredocsOf, isForHeredocs } from './heredocs.ts';
import type { Position } from '../yaml/document-problem.ts';

/** A Dockerfile that dockerfile-ast reads as BuildKit reads the original. */
interface PlainDockerfile {
  readonly text: string;
  /** The names of the here-documents that do not end, and where their instructions begin. */
  readonly unended: readonly (Position & { readonly name: string })[];
}

/**
 * Rewrites what dockerfile-ast reads otherwise than BuildKit (`Parse` of its Dockerfile parser), so that no
 * instruction hides from the checks: directives behind another comment, two backslashes at the end of a
 * line, and here-documents, of which the text is taken away. Each instruction keeps its line and column.
 */
export function withPlainLines(dockerfile: string): PlainDockerfile {
  const lines = dockerfile
    .replace(/^\uFEFF/, '')
    // A blank to BuildKit and none here, and the other way round.
    .replaceAll('\u0085', ' ')
    .replaceAll('\uFEFF', '_')
    .split('\n')
    // A form feed is as blank as a carriage return, and ends no line.
    .map((line) => line.replace(/(?<!\r)\r+$/, '').replaceAll('\r', '\f'));
  const escape = rewriteDirectives(lines);
  const unended: PlainDockerfile['unended'][number][] = [];
  let at = 0;
  while (at < lines.length) {
    const first = at;
    const instruction = takeInstruction(lines, first, escape);
    at = instruction.next;
    if (!isForHeredocs(instruction.text)) continue;
    for (let each = first; each < at; each += 1) {
      lines[each] = (lines[each] ?? '').replaceAll('<<', '__');
    }
    for (const { name, tabs } of heredocsOf(instruction.text, escape)) {
      const end = lines.findIndex(
        (line, index) => index >= at && (tabs ? line.replace(/^\t+/, '') : line) === name,
      );
      if (end < 0) unended.push({ line: first + 1, column: 1, name });
      const next = end < 0 ? lines.length : end + 1;
      lines.fill('', at, next);
      at = next;
    }
  }
  return { text: lines.join('\n'), unended };
}

const COMMENT = /^\s*#/;
const DIRECTIVE = /^\s*#\s*([a-z][a-z0-9]*)\s*=(.+)$/i;

/**
 * Returns the letter that continues a line, and leaves no other directive than the one that says so. BuildKit
 * takes no directive behind another comment, such as a shebang.
 */
function rewriteDirectives(lines: string[]): string {
  let escape = '\\';
  for (const line of lines) {
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? [];
    if (!/^(?:syntax|check|escape)$/i.test(name)) break;
    if (/^escape$/i.test(name)) escape = value.trim();
  }
  for (let at = 0; COMMENT.test(lines[at] ?? ''); at += 1) lines[at] = '#';
  if (escape !== '`') return '\\';
  lines[0] = '# escape=`';
  return escape;
}

/** The instruction at `first` in one line, without comments and empty lines; `next` is the line behind it. */
function takeInstruction(
  lines: string[],
  first: number,
  escape: string,
): { readonly text: string; readonly next: number } {
  // As `lineContinuationRegex` of BuildKit's Dockerfile parser.
  const continuation = new RegExp(`(?<!\\${escape})\\${escape}[ \\t]*$`);
  let text = '';
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const isSkipped = COMMENT.test(line) || line.trim() === '';
    // The first line may say which letter continues a line.
    if (isSkipped && at > 0) lines[at] = '';
    if (isSkipped && at === first) break;
    if (isSkipped) continue;
    const isContinued = continuation.test(line);
    text += line.replace(continuation, '');
    lines[at] = text.trim() === '' ? '' : withPlainEnds(line, escape, isContinued);
    if (!isContinued) return { text, next: at + 1 };
  }
  return { text, next: text === '' ? first + 1 : lines.length };
}

/**
 * Leaves of the letters at the end of a line the one that continues it, if one does. Those before a blank at
 * its start go, too: behind them, dockerfile-ast takes the next line for a part of this one.
 */
function withPlainEnds(text: string, escape: string, isContinued: boolean): string {
  const isWhole = /^[ \t]*$/.test(text.replaceAll(escape, ''));
  const leading = new RegExp(`^[ \\t]*\\${escape}+(?=[ \\t#])`);
  const line = isWhole ? text : text.replace(leading, (found) => found.replaceAll(escape, '_'));
  let start = line.length;
  // No pattern: it would begin anew at each letter of a long line.
  while (start > 0 && (line[start - 1] === escape || line[start - 1]?.trim() === '')) start -= 1;
  const end = line.slice(start);
  const kept = isContinued ? end.lastIndexOf(escape) : -1;
  const plain = Array.from(end, (letter, at) => (letter === escape && at !== kept ? '_' : letter));
  return line.slice(0, start) + plain.join('');
}

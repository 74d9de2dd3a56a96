import { parseJson } from '../json.ts';
import { isMapping } from '../yaml/check-mapping.ts';
import type { Position } from '../yaml/document-problem.ts';

/** An image that BuildKit lets read a Dockerfile in its own place. */
export interface FrontEnd extends Position {
  readonly image: string;
}

/**
 * The front ends that a Dockerfile names: in a directive `# syntax=` or `// syntax=`, which may stand behind
 * a shebang, or in a key `syntax` if all of it is JSON (`DetectSyntax` of BuildKit's Dockerfile parser).
 * Older builders take the directive behind directives that newer ones do not know, so all of them count.
 */
export function frontEndsOf(dockerfile: string): readonly FrontEnd[] {
  const lines = dockerfile.replace(/^\uFEFF/, '').split('\n');
  const start = lines[0]?.startsWith('#!') === true ? 1 : 0;
  const json = parseJson(lines.slice(start).join('\n'));
  if (isMapping(json) && typeof json['syntax'] === 'string') {
    return [{ image: imageOf(json['syntax']), line: start + 1, column: 1 }];
  }
  return ['#', '//'].flatMap((comment) => directives(lines, start, directive(comment)));
}

/** A dot would end at a carriage return, and U+0085 is a blank to BuildKit. */
function directive(comment: string): RegExp {
  const blank = String.raw`[\s\u0085]*`;
  const name = '([a-z][a-z0-9]*)';
  return new RegExp(`^(${blank}${comment}${blank})${name}(${blank}=${blank})([^]+)$`, 'i');
}

function directives(lines: readonly string[], start: number, pattern: RegExp): readonly FrontEnd[] {
  const found: FrontEnd[] = [];
  for (let at = start; at < lines.length; at += 1) {
    const [, comment, name = '', equals, value] = pattern.exec(lines[at] ?? '') ?? [];
    if (value === undefined) break;
    const column = `${comment}${name}${equals}`.length + 1;
    if (/^syntax$/i.test(name)) found.push({ image: imageOf(value), line: at + 1, column });
  }
  return found;
}

/** The image of a front end; its arguments may follow. */
export function imageOf(frontEnd: string): string {
  return frontEnd.trim().split(' ', 1).join();
}

/** Whether an image is named by its digest, and no variable is in the name. */
export function isPinned(image: string): boolean {
  return /^[^$]+@sha256:[a-f0-9]{64}$/.test(image);
}

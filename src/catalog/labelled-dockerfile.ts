import { findStage, parseDockerfile } from './dockerfile.ts';

/** A Dockerfile whose stage `target`, the last one by default, sets one label more at its end. */
export function labelledDockerfile(
  text: string,
  target: string | undefined,
  [label, value]: readonly [string, string],
): string {
  const { stages, escape } = parseDockerfile(text);
  const built = target === undefined ? undefined : findStage(stages, target);
  const next = built === undefined ? undefined : stages[built + 1];
  const lines = withoutOpenEnd(text.replace(/\n$/, '').split('\n'), escape);
  const end = next?.from.getRange().start.line ?? lines.length;
  return `${lines.toSpliced(end, 0, `LABEL ${label}="${value}"`).join('\n')}\n`;
}

/**
 * Takes away what would continue the last instruction into the line that is added. BuildKit skips comments and
 * empty lines in between, and takes an escaped letter for none that continues (`lineContinuationRegex` of its
 * Dockerfile parser).
 */
function withoutOpenEnd(lines: readonly string[], escape: string): readonly string[] {
  const continuation = new RegExp(`(?<!\\${escape})\\${escape}[ \\t]*\\r*$`);
  const last = lines.findLastIndex((line) => !/^\s*(?:#|$)/.test(line));
  const line = lines[last] ?? '';
  if (!continuation.test(line)) return lines;
  return withoutOpenEnd(lines.with(last, line.replace(continuation, '')), escape);
}

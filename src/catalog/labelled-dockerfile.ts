import { findStage, parseDockerfile } from './dockerfile.ts';

/** A Dockerfile whose stage `target`, the last one by default, sets one label more at its end. */
export function labelledDockerfile(
  text: string,
  target: string | undefined,
  [label, value]: readonly [string, string],
): string {
  const { stages } = parseDockerfile(text);
  const built = target === undefined ? undefined : findStage(stages, target);
  const next = built === undefined ? undefined : stages[built + 1];
  const lines = text.replace(/\n$/, '').split('\n');
  const end = next?.from.getRange().start.line ?? lines.length;
  return `${lines.toSpliced(end, 0, `LABEL ${label}="${value}"`).join('\n')}\n`;
}

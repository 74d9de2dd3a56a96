import { redact } from '../redact.ts';
import { comparable, differences } from './differences.ts';
import type { Preview, PreviewStep } from './preview.ts';
import { changingSteps, INTERNAL } from './summarize.ts';

/**
 * Formats what a run of the engine finds to be different as plain text for a log: each resource, and each of its
 * differences with the values. The engine has replaced secrets. Its own `--diff` compares the lists of Google's
 * resources by position, and so shows most of a set as changed.
 */
export function formatDrift(stack: string, preview: Preview): string {
  const steps = changingSteps(preview.steps).filter(({ type }) => !INTERNAL.test(type));
  const count = `${steps.length} ${steps.length === 1 ? 'resource differs' : 'resources differ'}`;
  const hasFailed = preview.diagnostics.some(({ severity }) => severity === 'error');
  const found = [
    ...(hasFailed ? ['not everything could be compared'] : []),
    ...(steps.length > 0 ? [count] : []),
  ];
  const head = [`${stack}: ${found.join(', ') || 'nothing differs'}`];
  const messages = preview.diagnostics.map(
    ({ severity, message }) => `${severity}: ${redact(message, [])}`,
  );
  const blocks = [messages, steps.flatMap(linesOf)].filter((lines) => lines.length > 0);
  return `${[head, ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function linesOf({ operation, type, name, before, after }: PreviewStep): readonly string[] {
  const changed = before && after ? differences(comparable(before), comparable(after)) : [];
  return [`${operation} ${type} ${name}`, ...changed.map((line) => `  ${redact(line, [])}`)];
}

import type { StepResult } from './step.ts';

const MARKS = { done: '✓', news: '!', failed: '✗' } as const;

/** A line for each step that was begun: ✓, ! or ✗, what it was for, its seconds, how it ended. */
export function formatResults(results: readonly StepResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  return results
    .map(({ name, ending, outcome, seconds }) => {
      const took = `${seconds.toFixed(1)} s`.padStart(8);
      return `${MARKS[ending]} ${name.padEnd(width)} ${took}  ${outcome}`;
    })
    .join('\n');
}

import { expect } from 'vitest';

/** What shows that somebody is told of our code, and not of what went wrong. */
const NOISE =
  /unhandled|failed to deliver log message|processTicksAndRejections|^\s*at .+:\d+:\d+\)?$/im;

/** The run failed, and said why in words for people: each of `said`, and no stack trace. */
export function expectPlainFailure(
  { code, output }: { readonly code: number | null; readonly output: string },
  ...said: readonly (string | RegExp)[]
): void {
  for (const words of said) expect(output).toMatch(words);
  expect(output).not.toMatch(NOISE);
  expect(code).not.toBe(0);
}

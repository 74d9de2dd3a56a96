import type { Problem } from '../problem.ts';
import { closest } from '../yaml/wording.ts';

/** A problem of a setting that is a list, still without its place. */
export interface EntryProblem extends Pick<Problem, 'code' | 'problem' | 'remedy'> {
  /** Where in the list: `[1, 'host']`. */
  readonly at: readonly (string | number)[];
}

/** The problem of a key that no entry has; `what` is an entry, such as `a builder`. */
export function unknownKey(
  what: string,
  at: readonly [index: number, key: string],
  known: readonly string[],
): EntryProblem {
  const problem = `${what} has no such key`;
  return { code: 'UNKNOWN_SETTING', at, problem, remedy: useOneOf(at[1], known) };
}

/** The remedy for a name that is none of those that are `known`. */
export function useOneOf(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  return near === undefined ? `use one of ${known.join(', ')}` : `write ${near}`;
}

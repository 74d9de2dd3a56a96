import { InvalidInputError, type Problem } from '../problem.ts';

/** Takes a step; when it refuses its input, its problems join the others and there is no result. */
export function collectProblems<Result>(
  problems: Problem[],
  step: () => Result,
): Result | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

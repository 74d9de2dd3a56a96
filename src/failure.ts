import { InvalidInputError, type Problem } from './problem.ts';

/** What stands in the way of a proposal and has no place in a file. */
export function failure(code: string, problem: string, remedy: string): Problem {
  return { code, file: '', path: '', problem, remedy };
}

/** The same, to be thrown where going on makes no sense. */
export function proposalError(code: string, problem: string, remedy: string): InvalidInputError {
  return new InvalidInputError([failure(code, problem, remedy)]);
}

/**
 * What went wrong, as a stable code for programs, and prose for people: `code  problem; remedy` in one line,
 * ready to print. `cause` is what it follows from.
 */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;
  readonly problem: string;
  readonly remedy: string;

  constructor(code: Code, problem: string, remedy: string, cause?: unknown) {
    super(`${code}  ${problem}; ${remedy}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.problem = problem;
    this.remedy = remedy;
  }
}

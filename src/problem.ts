import { compareTexts } from './compare-texts.ts';

/**
 * A problem of what somebody wrote, with its location and a remedy. `code` is stable and meant for programs;
 * `problem` and `remedy` are prose for people.
 */
export interface Problem {
  readonly code: string;
  /** Path relative to the checkout; absent for what is in no file, such as an option. */
  readonly file?: string;
  /** 1-based; absent when the file as a whole is meant. */
  readonly line?: number;
  /** 1-based, counted in UTF-16 code units. */
  readonly column?: number;
  /** Path inside the document, such as `images[2].version`; absent for the document itself. */
  readonly path?: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Thrown once, with every problem that was found. The message is ready to print. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/** More than anybody corrects at once; the others are only counted. */
export const MOST_PRINTED = 100;

/**
 * Two lines a problem, sorted by file and position, and after the first 100 of them how many more there are:
 *
 *     config/images.yml:14:12  images[2].version  UNQUOTED_VERSION
 *       24.10 was read as the number 24.1; put it in quotes: "24.10"
 */
export function formatProblems(problems: readonly Problem[]): string {
  const printed = problems.toSorted(byPosition).slice(0, MOST_PRINTED).map(formatProblem);
  const others = problems.length - printed.length;
  return [...printed, ...(others > 0 ? [`and ${others} more`] : [])].join('\n');
}

function formatProblem({ code, file, line, column, path, problem, remedy }: Problem): string {
  const position = [file, line, column].filter((part) => part !== undefined).join(':');
  const head = [position, path ?? '', code].filter((part) => part !== '').join('  ');
  return `${head}\n  ${problem}; ${remedy}`;
}

function byPosition(a: Problem, b: Problem): number {
  return (
    compareTexts(a.file ?? '', b.file ?? '') ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
}

/** Runs a step. When it throws an InvalidInputError, its problems join the others. */
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

/**
 * An error with a stable code for programs, and prose for people. The message is `code  problem; remedy` in
 * one line, ready to print.
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

/** A coded error with the end of what a program printed, in lines below the message. */
export abstract class ShownError<Code extends string> extends CodedError<Code> {
  readonly shown: readonly string[];

  constructor(code: Code, problem: string, remedy: string, shown: readonly string[] = []) {
    super(code, problem, remedy);
    this.message = [this.message, ...shown.map((line) => `  | ${line}`)].join('\n');
    this.shown = shown;
  }
}

/** What an error says, of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error is of the system, with such a code, as `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}

/** The error with one problem. Without a place, the problem is in no file. */
export function inputError(
  code: string,
  problem: string,
  remedy: string,
  place: Pick<Problem, 'file' | 'line' | 'path'> = {},
): InvalidInputError {
  return new InvalidInputError([{ code, ...place, problem, remedy }]);
}

/** A text for a terminal: file names and what registries say may hold line breaks and other control characters. */
export function printable(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text;
  // JSON leaves some of them as they are.
  return JSON.stringify(text).replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

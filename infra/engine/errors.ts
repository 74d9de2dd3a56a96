import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { InvalidInputError } from '../../src/problem.ts';

/**
 * The exit code of a program whose errors the engine has printed: the language host adds nothing
 * (`cmd/run/index.js` in @pulumi/pulumi), the run fails, and the engine deletes nothing.
 */
export const ALREADY_REPORTED = 32;

/** The message of a request after the engine has stopped: of the SDK, and of the engine. */
const ENGINE_IS_GONE = /resource monitor (?:is terminating|shut down)/i;

/**
 * Ends the program once the engine has given up, such as after a refresh that failed. The engine has printed
 * the reason by then; the SDK would add an unhandled rejection with a stack trace (pulumi/pulumi#10744).
 */
export function endWithEngine(): void {
  process.prependListener('unhandledRejection', (reason) => {
    if (reason instanceof Error && ENGINE_IS_GONE.test(reason.message)) {
      process.exit(ALREADY_REPORTED);
    }
  });
}

/**
 * Gives errors short stack traces: the SDK takes four for each property of each resource. It lengthens them
 * itself where it looks for the line that declares a resource.
 */
export function shortStackTraces(): void {
  Error.stackTraceLimit = 3;
}

/** Has the engine print problems of the input without the program's call stack. */
export function withoutStackTrace<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.RunError(`\n${error.message}`);
    throw error;
  }
}

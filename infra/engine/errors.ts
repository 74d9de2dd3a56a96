import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { InvalidInputError } from '../../src/problem.ts';

/**
 * A program's exit code that tells the language host that whatever there was to say is said
 * (`cmd/run/index.js` in @pulumi/pulumi): the run fails, and the engine deletes nothing.
 */
export const ALREADY_REPORTED = 32;

/** How RPCs fail once the engine has stopped to listen: as the SDK says it, and as the engine does. */
const ENGINE_IS_GONE = /resource monitor (?:is terminating|shut down)/i;

/**
 * Ends the program as soon as the engine has given up, such as after a refresh that failed or
 * a replacement that is refused. The engine
 * has named the reason by then; the SDK would print, instead of the log message that nobody takes any
 * more, a stack trace of its own.
 */
export function endWithEngine(): void {
  process.prependListener('unhandledRejection', (reason) => {
    if (reason instanceof Error && ENGINE_IS_GONE.test(reason.message)) {
      process.exit(ALREADY_REPORTED);
    }
  });
}

/**
 * Gives errors back the stack traces that V8 writes. Pulumi's runner maps each of them to the sources
 * that a compiler read; here there is no compiler (Node runs the TypeScript as it is), and the SDK
 * takes a stack trace four times for each property of each resource. Each is short for the same reason;
 * the SDK makes it long itself where it looks for the line that a resource is declared in.
 */
export function plainStackTraces(): void {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  Error.stackTraceLimit = 3;
}

/** A mistake in the input is the user's to mend: the engine prints it without our call stack. */
export function withoutStackTrace<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.RunError(`\n${error.message}`);
    throw error;
  }
}

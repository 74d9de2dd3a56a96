import pulumi from '@pulumi/pulumi';
import { InvalidInputError } from '../../src/problem.ts';

/** A mistake in the input is the user's to mend: the engine prints it without our call stack. */
export function withoutStackTrace<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.RunError(`\n${error.message}`);
    throw error;
  }
}

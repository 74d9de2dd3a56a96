import { PrerequisiteError } from './prerequisite-error.ts';
import { CommandError } from './run-command.ts';

/** Runs a command's main function, whose result is the exit code. Errors that a user can mend are shown without a stack trace. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof PrerequisiteError || error instanceof CommandError) {
      console.error(`\n${error.message}`);
    } else {
      console.error(error);
    }
  }
}

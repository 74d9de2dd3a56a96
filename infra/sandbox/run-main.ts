import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from './prerequisite-error.ts';
import { CommandError, interruptCommands } from './run-command.ts';
import { endStarted } from './start-in-background.ts';

/** For the main function to clean up behind itself once its commands have ended. */
const CLEAN_UP_MS = 5000;

/**
 * Runs a command's main function, whose result is the exit code. Errors that a user can mend are shown
 * without a stack trace.
 */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const each of errors) {
      const isPlain = each instanceof PrerequisiteError || each instanceof CommandError;
      console.error(isPlain ? `\n${each.message}` : each);
    }
  }
}

/**
 * `runMain` that leaves nothing running when this process is interrupted: it interrupts the commands that
 * run, as Ctrl-C would (a second signal kills them), and ends what was started in the background.
 */
export async function runInterruptibleMain(
  main: () => Promise<number>,
  say: (line: string) => void,
): Promise<void> {
  const done = main();
  let ending: Promise<never> | undefined;
  const end = async (signal: NodeJS.Signals): Promise<never> => {
    say('Interrupted: ending what runs. A second Ctrl-C kills it.');
    const settled = Promise.allSettled([done]);
    await interruptCommands('SIGINT', Promise.race([settled, sleep(CLEAN_UP_MS)]));
    await endStarted();
    say('Nothing that was started is left running. The next start goes on from here.');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending === undefined) ending = end(signal);
      else void interruptCommands('SIGKILL');
    });
  }
  await runMain(async () => {
    await Promise.allSettled([done]);
    // What failed because of the interruption is not worth an error.
    return ending ?? done;
  });
}

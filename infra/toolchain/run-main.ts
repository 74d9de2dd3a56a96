import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from './prerequisite-error.ts';
import { CommandError, interruptCommands } from './run-command.ts';
import { endStarted } from './start-in-background.ts';

/** Time for the main function to clean up once its commands have ended. */
const CLEAN_UP_MS = 5000;

/** Signals that arrive that soon after the first are copies of it. */
const SAME_SIGNAL_MS = 1000;

/** Runs a main function, which returns the exit code. Shows errors that a user can correct without a stack trace. */
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
 * Like `runMain`. An interrupt of this process interrupts the commands that run (a second Ctrl-C kills them),
 * and ends programs that were started in the background.
 */
export async function runInterruptibleMain(
  main: () => Promise<number>,
  say: (line: string) => void,
): Promise<void> {
  const done = main();
  let ending: Promise<never> | undefined;
  let begun = 0;
  const end = async (signal: NodeJS.Signals): Promise<never> => {
    begun = performance.now();
    // The reader of the output may have ended by the same Ctrl-C.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    say('Interrupted: ending what runs. A second Ctrl-C kills it.');
    await interruptCommands('SIGINT');
    await Promise.race([Promise.allSettled([done]), sleep(CLEAN_UP_MS)]);
    await endStarted();
    say('Nothing that was started is left running. The next start goes on from here.');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending === undefined) ending = end(signal);
      // A terminal and npm both pass on one Ctrl-C.
      else if (performance.now() - begun > SAME_SIGNAL_MS) void interruptCommands('SIGKILL');
    });
  }
  await runMain(async () => {
    await Promise.allSettled([done]);
    // A failure that follows from the interruption is no error.
    return ending ?? done;
  });
}

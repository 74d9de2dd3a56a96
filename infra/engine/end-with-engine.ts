import process from 'node:process';
import { ALREADY_REPORTED } from './already-reported.ts';

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

import { ShownError } from '../problem.ts';

type VerifyErrorCode =
  | 'NOT_PUBLISHED' // The registry has no such image.
  | 'NO_DISK' // It is not one file below `/disk/` that user 107 can read, as KubeVirt needs.
  | 'BOOT_FAILED' // It stopped, and its console shows where.
  | 'BOOT_TIMEOUT' // It was not up in time.
  | 'NO_SYSTEMD' // The container does not start systemd.
  | 'FAILED_UNITS' // It is up, and something that it should run is not.
  | 'COMMAND_FAILED' // A command that the catalog declares did not succeed in time.
  | 'PRIVILEGED_REFUSED' // Its container could take the identity of the run.
  | 'FOREIGN_PLATFORM' // There is no machine here that it could run on.
  | 'MISSING_PROGRAM' // What boots it is not installed.
  | 'DOCKER_FAILED'; // Docker could not pull or start it.

/** What to do about a time limit, wherever it is set. */
export const MORE_TIME = 'give it more time: --timeout, or verifyTimeoutSeconds in a stack';

/** Why an image is not verified, with the last lines of what it printed. */
export class VerifyError extends ShownError<VerifyErrorCode> {
  override readonly name = 'VerifyError';
}

/** The last `count` lines of a text that are not empty. */
export function lastLines(text: string, count: number): readonly string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.filter(Boolean).slice(-count);
}

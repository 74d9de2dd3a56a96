import { CodedError } from '../problem.ts';

/**
 * - `NOT_PUBLISHED`: the registry has no such image.
 * - `NO_DISK`: it is not a VM disk as KubeVirt takes it: one file below `/disk/` that user 107 can read.
 * - `BOOT_FAILED`: it stopped, and its console shows where.
 * - `BOOT_TIMEOUT`: it was not up in time.
 * - `NO_SYSTEMD`: the container does not start systemd.
 * - `FAILED_UNITS`: it is up, and something that it should run is not.
 * - `COMMAND_FAILED`: a command that the catalog declares did not succeed in time.
 * - `FOREIGN_PLATFORM`: there is no machine here that it could run on.
 * - `MISSING_PROGRAM`: what boots it is not installed.
 * - `DOCKER_FAILED`: Docker could not pull or start it.
 */
type VerifyErrorCode =
  | 'NOT_PUBLISHED'
  | 'NO_DISK'
  | 'BOOT_FAILED'
  | 'BOOT_TIMEOUT'
  | 'NO_SYSTEMD'
  | 'FAILED_UNITS'
  | 'COMMAND_FAILED'
  | 'FOREIGN_PLATFORM'
  | 'MISSING_PROGRAM'
  | 'DOCKER_FAILED';

/** What to do about a time limit, wherever it is set. */
export const MORE_TIME = 'give it more time: --timeout, or verifyTimeoutSeconds in a stack';

/** Why an image is not verified: `code  problem; remedy` in one line, and what it printed below. */
export class VerifyError extends CodedError<VerifyErrorCode> {
  override readonly name = 'VerifyError';
  /** The last lines of what it printed; empty when there is nothing to show. */
  readonly shown: readonly string[];

  constructor(
    code: VerifyErrorCode,
    problem: string,
    remedy: string,
    shown: readonly string[] = [],
  ) {
    super(code, problem, remedy);
    this.message = [this.message, ...shown.map((line) => `  | ${line}`)].join('\n');
    this.shown = shown;
  }
}

/** The last `count` lines of a text that are not empty. */
export function lastLines(text: string, count: number): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count);
}

import type { Command } from 'commander';

/** Where a command works, and where it prints. */
export interface CliContext {
  /** The checkout's top directory. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The exit codes of `images`. Scripts and pipelines rely on the numbers. */
export const EXIT_CODES = {
  done: 0,
  /** The input has problems, a service failed, or something could not be brought up to date. */
  problem: 1,
  badUsage: 2,
  /** A version that a supported branch needs is missing or would be deleted. */
  endangered: 3,
  /** `--check` found something stale. */
  stale: 4,
  /** The plan breaks a policy. */
  violation: 5,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** One subcommand of `images`: its command line, and the function that runs after parsing it. */
export interface Subcommand {
  readonly command: Command;
  readonly run: () => ExitCode | Promise<ExitCode>;
}

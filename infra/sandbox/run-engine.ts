import type { CommandOptions } from '../toolchain/run-command.ts';

/** Runs the engine with these arguments against the sandbox, and returns what it printed. */
export type RunEngine = (
  args: readonly string[],
  more?: Pick<CommandOptions, 'onLine' | 'input'>,
) => Promise<string>;

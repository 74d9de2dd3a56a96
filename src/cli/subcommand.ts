import { Command, Option } from 'commander';

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
  /** A version that a supported branch needs was lost or would be deleted. */
  endangered: 3,
  /** `--check` found something stale. */
  stale: 4,
  /** The plan breaks a policy, or a publication is not as it must be. */
  violation: 5,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

declare const value: unique symbol;

/** An option of the command line whose value is a `T`. */
export type OptionFor<T> = Option & { readonly [value]?: () => T };

/** An option that may be left out. `parse` throws an InvalidArgumentError. */
export function option<T = string>(
  flags: string,
  description: string,
  parse?: (text: string) => T,
): OptionFor<T | undefined> {
  const made = new Option(flags, description);
  return parse === undefined ? made : made.argParser(parse);
}

export function flag(name: string, description: string): OptionFor<true | undefined> {
  return new Option(name, description);
}

/** The values of options, by the same names. */
export type ValuesOf<Options> = {
  readonly [Key in keyof Options]: Options[Key] extends OptionFor<infer T> ? T : never;
};

interface Definition<Options> {
  readonly name: string;
  readonly description: string;
  /** Names and descriptions of the arguments. Those in brackets may be left out. */
  readonly arguments?: readonly (readonly [name: string, description: string])[];
  /** The option's name in camel case → option. */
  readonly options: Options;
  readonly run: (
    context: CliContext,
    options: ValuesOf<Options>,
    ...args: string[]
  ) => ExitCode | Promise<ExitCode>;
}

/**
 * Makes the command line of a subcommand, and the function that runs after parsing it. A `Command` is for one run
 * only, since it keeps the values that it has parsed.
 */
export type Subcommand = () => {
  readonly command: Command;
  readonly run: (context: CliContext) => ExitCode | Promise<ExitCode>;
};

/** Defines a subcommand of `images`. */
export function subcommand<Options extends Readonly<Record<string, Option>>>({
  name,
  description,
  arguments: args = [],
  options,
  run,
}: Definition<Options>): Subcommand {
  return () => {
    const command = new Command(name).description(description);
    for (const each of args) command.argument(...each);
    for (const each of Object.values(options)) command.addOption(each);
    return {
      command,
      run: (context: CliContext) =>
        run(context, command.opts<ValuesOf<Options>>(), ...command.args),
    };
  };
}

import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { planCommand } from './plan.ts';
import { referencesCommand } from './references.ts';
import { schemaCommand } from './schema.ts';
import { InvalidInputError } from '../problem.ts';

const EXIT_CODES = { done: 0, badInput: 1, badUsage: 2 } as const;

/**
 * Runs the `images` command and returns its exit code: 1 for mistakes in what it read, all of which
 * have been printed; 2 for a wrong command line. Anything else that goes wrong is thrown.
 */
export function runImages(args: readonly string[], context: CliContext): number {
  const program = new Command('images')
    .description('Looks at the catalog without touching registry or engine')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(images --help says more)')
    .exitOverride();
  for (const command of [
    planCommand(context),
    referencesCommand(context),
    schemaCommand(context),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }

  try {
    program.parse(args, { from: 'user' });
    return EXIT_CODES.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.badUsage;
    }
    if (!(error instanceof InvalidInputError)) throw error;
    context.err(`${error.message}\n`);
    return EXIT_CODES.badInput;
  }
}

import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { planCommand } from './plan.ts';
import { schemaCommand } from './schema.ts';
import { InvalidInputError } from '../problem.ts';

/** The command line was wrong, as opposed to what it was to work on. */
const USAGE_EXIT_CODE = 2;

// A reader such as `head` that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const program = new Command('images')
  .description('Looks at the catalog without touching registry or engine')
  .exitOverride()
  .showHelpAfterError('(images --help says more)');
for (const command of [planCommand(), schemaCommand()]) {
  program.addCommand(command.copyInheritedSettings(program));
}

try {
  program.parse();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}

/** Commander has printed its own errors already; anything that is no mistake of the user's is rethrown. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  if (!(error instanceof InvalidInputError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return 1;
}

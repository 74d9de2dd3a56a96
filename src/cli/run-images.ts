import { Command, CommanderError } from 'commander';
import { noteCommand } from './note.ts';
import { planCommand } from './plan.ts';
import { policyCommand } from './policy.ts';
import { proposeCommand } from './propose.ts';
import { refreshCommand } from './refresh.ts';
import { referencesCommand } from './references.ts';
import { retentionCommand } from './retention.ts';
import { schemaCommand } from './schema.ts';
import { EXIT_CODES, type CliContext, type ExitCode } from './subcommand.ts';
import { summaryCommand } from './summary.ts';
import { InterruptedError, verifyCommand } from './verify.ts';
import { CodedError, InvalidInputError } from '../problem.ts';
import { TooManyPoliciesError } from '../retention/compile-policies.ts';

const SUBCOMMANDS = [
  noteCommand,
  planCommand,
  policyCommand,
  proposeCommand,
  referencesCommand,
  refreshCommand,
  retentionCommand,
  schemaCommand,
  summaryCommand,
  verifyCommand,
];

/** Errors with a message that is complete without a stack trace. */
const EXPLAINED = [InvalidInputError, CodedError, TooManyPoliciesError, InterruptedError];

/** Runs the `images` command and returns its exit code. Rejects for bugs only. */
export async function runImages(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.done;
  const program = new Command('images')
    .description('Show what is published and why it is kept, and refresh what it is built from')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(run images --help for more)')
    .exitOverride();
  for (const subcommand of SUBCOMMANDS) {
    const { command, run } = subcommand(context);
    // Commander passes no result on.
    command.action(async () => {
      exitCode = await run();
    });
    program.addCommand(command.copyInheritedSettings(program));
  }

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.badUsage;
    }
    if (!(error instanceof Error) || !EXPLAINED.some((kind) => error instanceof kind)) throw error;
    context.err(`${error.message}\n`);
    return EXIT_CODES.problem;
  }
}

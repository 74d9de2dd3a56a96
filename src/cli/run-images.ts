import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { buildChangesCommand } from './build-changes.ts';
import { buildCommand } from './build.ts';
import { checkCommand } from './check.ts';
import { cleanUpCommand } from './clean-up.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { importCommand } from './import.ts';
import { noteCommand } from './note.ts';
import { packagesCommand } from './packages.ts';
import { pageCommand } from './page.ts';
import { pinCommand } from './pin.ts';
import { planCommand } from './plan.ts';
import { policyCommand } from './policy.ts';
import { promoteCommand } from './promote.ts';
import { proposeCommand } from './propose.ts';
import { publishCommand } from './publish.ts';
import { referencesCommand } from './references.ts';
import { refreshCommand } from './refresh.ts';
import { retentionCommand } from './retention.ts';
import { schemaCommand } from './schema.ts';
import { EXIT_CODES, type CliContext, type ExitCode } from './subcommand.ts';
import { summaryCommand } from './summary.ts';
import { InterruptedError } from './until-interrupted.ts';
import { verifyCommand } from './verify.ts';
import { whichCommand } from './which.ts';
import { SEE_GIT } from '../git/git-remedies.ts';
import { GitError } from '../git/run-git.ts';
import { CodedError, inputError, InvalidInputError } from '../problem.ts';
import { TooManyPoliciesError } from '../retention/compile-policies.ts';

const SUBCOMMANDS = [
  buildCommand,
  buildChangesCommand,
  checkCommand,
  cleanUpCommand,
  diffCommand,
  doctorCommand,
  importCommand,
  noteCommand,
  packagesCommand,
  pageCommand,
  pinCommand,
  planCommand,
  policyCommand,
  promoteCommand,
  proposeCommand,
  publishCommand,
  referencesCommand,
  refreshCommand,
  retentionCommand,
  schemaCommand,
  summaryCommand,
  verifyCommand,
  whichCommand,
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
  for (const make of SUBCOMMANDS) {
    const { command, run } = make();
    // Commander passes no result on.
    command.action(async () => {
      exitCode = await run(context);
    });
    program.addCommand(command.copyInheritedSettings(program));
  }

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander prints its own errors, and not those that a subcommand throws.
      if (error instanceof InvalidArgumentError) context.err(`error: ${error.message}\n`);
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.badUsage;
    }
    const explained =
      error instanceof GitError
        ? inputError('GIT_FAILED', error.message, error.remedy ?? SEE_GIT)
        : error;
    const isExplained = EXPLAINED.some((kind) => explained instanceof kind);
    if (!(explained instanceof Error) || !isExplained) throw explained;
    context.err(`${explained.message}\n`);
    return EXIT_CODES.problem;
  }
}

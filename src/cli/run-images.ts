import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { InterruptedError } from './until-interrupted.ts';
import { SEE_GIT } from '../git/git-remedies.ts';
import { GitError } from '../git/run-git.ts';
import { CodedError, inputError, InvalidInputError } from '../problem.ts';
import { TooManyPoliciesError } from '../retention/compile-policies.ts';

/** Name → subcommand. A run loads only the module of its subcommand, which halves the time until it begins. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  build: async () => (await import('./build.ts')).buildCommand,
  'build-changes': async () => (await import('./build-changes.ts')).buildChangesCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  'clean-up': async () => (await import('./clean-up.ts')).cleanUpCommand,
  diff: async () => (await import('./diff.ts')).diffCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  import: async () => (await import('./import.ts')).importCommand,
  note: async () => (await import('./note.ts')).noteCommand,
  packages: async () => (await import('./packages.ts')).packagesCommand,
  page: async () => (await import('./page.ts')).pageCommand,
  pin: async () => (await import('./pin.ts')).pinCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  policy: async () => (await import('./policy.ts')).policyCommand,
  promote: async () => (await import('./promote.ts')).promoteCommand,
  propose: async () => (await import('./propose.ts')).proposeCommand,
  publish: async () => (await import('./publish.ts')).publishCommand,
  references: async () => (await import('./references.ts')).referencesCommand,
  refresh: async () => (await import('./refresh.ts')).refreshCommand,
  retention: async () => (await import('./retention.ts')).retentionCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  summary: async () => (await import('./summary.ts')).summaryCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  which: async () => (await import('./which.ts')).whichCommand,
};

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
  for (const make of await subcommandsFor(args)) {
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

/** The subcommand that the first argument names, or all, for help and a misspelled name. */
function subcommandsFor([name = '']: readonly string[]): Promise<readonly Subcommand[]> {
  const load = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  const wanted = load === undefined ? Object.values(SUBCOMMANDS) : [load];
  return Promise.all(wanted.map((each) => each()));
}

import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { noteCommand } from './note.ts';
import { planCommand } from './plan.ts';
import { policyCommand } from './policy.ts';
import { proposeCommand } from './propose.ts';
import { refreshCommand, type RefreshOutcome } from './refresh.ts';
import { referencesCommand } from './references.ts';
import { retentionCommand } from './retention.ts';
import { schemaCommand } from './schema.ts';
import { summaryCommand } from './summary.ts';
import { InterruptedError, verifyCommand } from './verify.ts';
import { CodedError } from '../coded-error.ts';
import { InvalidInputError } from '../problem.ts';
import { TooManyPoliciesError } from '../retention/compile-policies.ts';

const EXIT_CODES = {
  done: 0,
  badInput: 1,
  badUsage: 2,
  endangered: 3,
  stale: 4,
  violation: 5,
} as const;

/**
 * Runs the `images` command and returns its exit code: 1 for mistakes in what it read, all of which
 * have been printed, for a registry that does not answer, for an image that does not come up, and for anything that a refresh could not
 * bring up to date or hand in; 2 for a wrong command line; 3 when something that a supported branch needs would be
 * deleted or is missing; 4 when a check finds something stale; 5, as the
 * engine has it, when a plan breaks a policy. Anything else is thrown.
 */
export async function runImages(args: readonly string[], context: CliContext): Promise<number> {
  let outcome: number = EXIT_CODES.done;
  const warnOfDanger = () => {
    outcome = EXIT_CODES.endangered;
  };
  const tellOfRefresh = (told: RefreshOutcome) => {
    outcome = told === 'stale' ? EXIT_CODES.stale : EXIT_CODES.badInput;
  };
  const program = new Command('images')
    .description('Looks at what is published and why it stays, and refreshes what it is built from')
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(images --help says more)')
    .exitOverride();
  for (const command of [
    noteCommand(context),
    planCommand(context),
    policyCommand(context, () => {
      outcome = EXIT_CODES.violation;
    }),
    proposeCommand(context),
    referencesCommand(context),
    refreshCommand(context, tellOfRefresh),
    retentionCommand(context, warnOfDanger),
    schemaCommand(context),
    summaryCommand(context),
    verifyCommand(context),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }

  try {
    await program.parseAsync(args, { from: 'user' });
    return outcome;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.badUsage;
    }
    if (!isExplained(error)) throw error;
    context.err(`${error.message}\n`);
    return EXIT_CODES.badInput;
  }
}

/** Errors whose message says all that its reader needs: no stack trace would help. */
function isExplained(error: unknown): error is Error {
  const kinds = [InvalidInputError, CodedError, TooManyPoliciesError, InterruptedError];
  return kinds.some((kind) => error instanceof kind);
}

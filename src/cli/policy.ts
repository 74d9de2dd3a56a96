import { Command } from 'commander';
import { previewOption, readPreview } from './options.ts';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { checkResources } from '../review/check-resources.ts';

/** `images policy`: checks that the engine would do only what the policies allow. */
export function policyCommand(context: CliContext): Subcommand {
  const command = new Command('policy')
    .description('Check what a preview would declare, before anything is done')
    .addOption(previewOption());
  return { command, run: () => policy(context, command.opts<{ preview: string }>().preview) };
}

function policy({ root, out, err }: CliContext, preview: string): ExitCode {
  const { steps } = readPreview(root, preview);
  const declared = steps.flatMap(({ after }) => (after === undefined ? [] : [after]));
  const violations = checkResources(declared);
  for (const { code, resource, problem, remedy } of violations) {
    err(`${resource}  ${code}\n  ${problem}; ${remedy}\n`);
  }
  if (violations.length > 0) return EXIT_CODES.violation;
  out(`No policy is broken by ${declared.length} resource(s).\n`);
  return EXIT_CODES.done;
}

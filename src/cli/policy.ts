import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { previewOption, readPreview } from './options.ts';
import { checkResources, type Violation } from '../review/check-resources.ts';

interface PolicyOptions {
  readonly preview: string;
}

/**
 * `images policy`: whether what the engine would do is what may be done. Calls `tellOfViolation` when it is
 * not; every violation has been printed then.
 */
export function policyCommand(context: CliContext, tellOfViolation: () => void): Command {
  return new Command('policy')
    .description('Check what a preview would declare, before anything is done')
    .addOption(previewOption())
    .action(({ preview: file }: PolicyOptions) => {
      const { steps } = readPreview(context.root, file);
      const declared = steps.flatMap(({ after }) => (after === undefined ? [] : [after]));
      const violations = checkResources(declared);
      for (const violation of violations) context.err(`${lineOf(violation)}\n`);
      if (violations.length > 0) tellOfViolation();
      else context.out(`No policy is broken by ${declared.length} resource(s).\n`);
    });
}

function lineOf({ code, resource, problem, remedy }: Violation): string {
  return `${resource}  ${code}\n  ${problem}; ${remedy}`;
}

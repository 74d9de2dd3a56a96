import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { formatPlanAsJson, formatPlanAsTable } from './format-plan.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { parseStackName } from './stack-name.ts';
import { warnOfUntrackedFiles } from './warn-of-untracked-files.ts';
import type { CliContext } from './cli-context.ts';
import { workingTree } from '../git/working-tree.ts';
import { planStack } from '../plan/plan-stack.ts';

interface PlanOptions {
  readonly stack: string;
  readonly catalog?: string;
  readonly json?: true;
}

/** `images plan`: what the catalog would publish, from the files of the checkout alone. */
export function planCommand(context: CliContext): Command {
  return new Command('plan')
    .description('Print what the catalog would publish, and under which tags')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--catalog <path>', "a catalog other than the stack's", (path) =>
      parseCheckoutPath(context.root, path),
    )
    .option('--json', 'print JSON instead of a table')
    .action((options: PlanOptions) => {
      plan(context, options);
    });
}

function plan({ root, out, err }: CliContext, { stack, catalog, json }: PlanOptions): void {
  const tree = workingTree(root);
  const { images, warnings } = planStack(tree, readStackSettings(tree, stack), catalog);
  const lines = warnings.map((warning) => `warning: ${warning}`);
  for (const line of [...lines, ...warnOfUntrackedFiles(root, tree, images)]) err(`${line}\n`);
  out(`${json === true ? formatPlanAsJson(images) : formatPlanAsTable(images)}\n`);
}

function parseCheckoutPath(root: string, text: string): string {
  const path = relative(root, resolve(root, text)).split(sep).join('/');
  if (path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path)) return path;
  throw new InvalidArgumentError('It must be a file inside the checkout.');
}

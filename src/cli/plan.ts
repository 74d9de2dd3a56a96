import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { atRevision } from './at-revision.ts';
import { formatPlanAsJson, formatPlanAsTable } from './format-plan.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { parseStackName } from './stack-name.ts';
import { warnOfUntrackedFiles } from './warn-of-untracked-files.ts';
import type { CliContext } from './cli-context.ts';
import { checkChecksumChanges } from '../catalog/check-checksum-changes.ts';
import { loadCatalog } from '../catalog/load-catalog.ts';
import { commitTree } from '../git/commit-tree.ts';
import { workingTree } from '../git/working-tree.ts';
import { earlierImages } from '../tag/earlier-images.ts';
import { planStack } from '../plan/plan-stack.ts';
import type { PlannedImage } from '../plan/planned-image.ts';
import { InvalidInputError } from '../problem.ts';

interface PlanOptions {
  readonly stack: string;
  readonly catalog?: string;
  readonly against?: string;
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
    .option('--against <revision>', 'print only what has another tag there, or is not there')
    .option('--json', 'print JSON instead of a table')
    .action((options: PlanOptions) => {
      plan(context, options);
    });
}

function plan({ root, out, err }: CliContext, options: PlanOptions): void {
  const { stack, catalog, against, json } = options;
  const tree = workingTree(root);
  const { images, settings, warnings } = planStack(tree, readStackSettings(tree, stack), catalog);
  const file = catalog ?? settings.catalog;
  const shown = against === undefined ? images : changedImages(images, { root, file, against });
  const lines = warnings.map((warning) => `warning: ${warning}`);
  for (const line of [...lines, ...warnOfUntrackedFiles(root, tree, images)]) err(`${line}\n`);
  out(`${json === true ? formatPlanAsJson(shown) : formatPlanAsTable(shown)}\n`);
}

/** Throws for what only the comparison shows to be wrong. */
function changedImages(
  images: readonly PlannedImage[],
  { root, file, against }: { root: string; file: string; against: string },
): readonly PlannedImage[] {
  const before = atRevision(against, () => earlierImages(commitTree(root, against), file));
  const { entries } = loadCatalog(workingTree(root), file);
  const problems = checkChecksumChanges(before, entries);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const known = new Map(before.map(({ name, tag }) => [name, tag]));
  return images.filter(({ name, tag }) => known.get(name) !== tag);
}

function parseCheckoutPath(root: string, text: string): string {
  const path = relative(root, resolve(root, text)).split(sep).join('/');
  if (path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path)) return path;
  throw new InvalidArgumentError('It must be a file inside the checkout.');
}

import { Command } from 'commander';
import { formatReferencesAsJson, formatReferencesAsText } from './format-references.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { parseStackName } from './stack-name.ts';
import type { CliContext } from './cli-context.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { planStack } from '../plan/plan-stack.ts';
import { compareWithCatalog } from '../branches/compare-with-catalog.ts';
import { findReferences } from '../branches/find-references.ts';

interface ReferencesOptions {
  readonly stack: string;
  readonly json?: true;
}

/** `images references`: what the supported branches need, from git alone; the registry is not asked. */
export function referencesCommand(context: CliContext): Command {
  return new Command('references')
    .description('Print which images the supported branches need, and where that is written')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--json', 'print JSON instead of tables')
    .action((options: ReferencesOptions) => {
      printReferences(context, options);
    });
}

function printReferences({ root, out }: CliContext, { stack, json }: ReferencesOptions): void {
  const tree = workingTree(root);
  const { images, retention, settings } = planStack(tree, readStackSettings(tree, stack));
  const open = sourceOpener({ checkout: root, cache: cacheFolder() });
  const references = findReferences(retention, settings.retention, open);
  const comparison = compareWithCatalog(
    references,
    images.map(({ name }) => name),
  );
  const format = json === true ? formatReferencesAsJson : formatReferencesAsText;
  out(`${format(references, comparison)}\n`);
}

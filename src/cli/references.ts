import { Command } from 'commander';
import { readStackSettings } from './read-stack-settings.ts';
import { parseStackName } from './options.ts';
import type { CliContext } from './cli-context.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { planStack } from '../plan/plan-stack.ts';
import {
  type CatalogComparison,
  type Need,
  type References,
  type SupportedBranch,
  compareWithCatalog,
} from '../branches/references.ts';
import { findReferences } from '../branches/find-references.ts';
import { formatTable } from './format-table.ts';

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

/** An object with `branches`, `needs`, and the lists `notInCatalog` and `notReferenced`. */
function formatReferencesAsJson(
  { branches, needs }: References,
  comparison: CatalogComparison,
): string {
  const flat = needs.map(({ branch: { source, branch, alias }, ...need }) => {
    return { source, branch, alias, ...need };
  });
  return JSON.stringify({ branches, needs: flat, ...comparison }, null, 2);
}

/**
 * What each branch needs of each image, a column for each branch by its alias; where that is written;
 * and what references and catalog do not have in common.
 */
function formatReferencesAsText(
  { branches, needs }: References,
  { notInCatalog, notReferenced }: CatalogComparison,
): string {
  if (branches.length === 0) return 'The retention file names no source: no branch counts.';
  const byImage = Map.groupBy(needs, ({ image }) => image);
  const images = [...byImage.keys()].sort();
  const rows = images.map((image) => [
    image,
    ...branches.map((branch) => cell(byImage.get(image) ?? [], branch)),
  ]);
  const head = ['IMAGE', ...branches.map(({ alias }) => alias)];
  return [
    formatTable(head, rows),
    formatTable(
      ['FOUND IN', '', ''],
      images.flatMap((image) => (byImage.get(image) ?? []).map(placesRow)),
    ),
    listed('Referenced, but not in the catalog', notInCatalog),
    listed('In the catalog, but referenced nowhere', notReferenced),
  ].join('\n\n');
}

function cell(needs: readonly Need[], branch: SupportedBranch): string {
  const tags = needs.filter((need) => need.branch.alias === branch.alias).map(shortTag);
  return tags.length === 0 ? '-' : tags.join(' ');
}

/** Enough digits of an immutable tag to tell it from others. */
const SHOWN_DIGITS = 12;

function shortTag({ tag }: Need): string {
  if (tag === undefined) return 'any';
  return /^[0-9a-f]{32}$/.test(tag) ? tag.slice(0, SHOWN_DIGITS) : tag;
}

const PLACES_SHOWN = 3;

function placesRow(need: Need): readonly string[] {
  const { image, branch, places } = need;
  const shown = places.slice(0, PLACES_SHOWN).map(({ file, line }) => `${printable(file)}:${line}`);
  const others = places.length - shown.length;
  const where = [...shown, ...(others > 0 ? [`and ${others} more`] : [])].join(', ');
  return [image, `${branch.alias} ${shortTag(need)}`, where];
}

/** A name may hold line breaks and what else moves a terminal's cursor. */
function printable(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

function listed(title: string, names: readonly string[]): string {
  return `${title}: ${names.length === 0 ? 'none' : names.join(', ')}`;
}

import { formatTable, shortTag } from './format-table.ts';
import { jsonOption, stackOption } from './options.ts';
import { planCheckout } from './read-stack.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import {
  compareWithCatalog,
  type CatalogComparison,
  type Need,
  type FoundReferences,
} from '../branches/references.ts';
import { byKey } from '../compare-texts.ts';
import { sourceOpener } from '../git/open-source.ts';
import { printable } from '../problem.ts';

/** `images references`: what the supported branches need, from git alone, without the registry. */
export const referencesCommand = subcommand({
  name: 'references',
  description: 'Print which images the supported branches need, and where they are named',
  options: { stack: stackOption, json: jsonOption },
  run: ({ root, out, err }, { stack, json }) => {
    const { images, retention, settings } = planCheckout(root, stack);
    const open = sourceOpener({ checkout: root });
    const references = findReferences(retention, settings.retentionFile, open);
    for (const warning of references.warnings) err(`warning: ${printable(warning)}\n`);
    const names = images.map(({ name }) => name);
    const format = json === true ? formatAsJson : formatAsText;
    out(`${format(references, compareWithCatalog(references, retention.sources, names))}\n`);
    return EXIT_CODES.done;
  },
});

/** An object with `branches`, `needs`, the lists of `compareWithCatalog`, and `outlook`. */
function formatAsJson(
  { branches, needs, outlook }: FoundReferences,
  comparison: CatalogComparison,
): string {
  const flat = needs.map(({ branch: { source, branch, alias }, ...need }) => {
    return { source, branch, alias, ...need };
  });
  return JSON.stringify({ branches, needs: flat, ...comparison, outlook }, null, 2);
}

/**
 * A table of what each branch needs of each image, with a column for each branch; a table of the places
 * that name the images; how the references differ from the catalog; and which release leaves next.
 */
function formatAsText(
  { branches, needs, outlook }: FoundReferences,
  { notInCatalog, notReferenced }: CatalogComparison,
): string {
  if (branches.length === 0) return 'The retention file names no source: no branch counts.';
  const byImage = [...Map.groupBy(needs, ({ image }) => image)].toSorted(byKey);
  const rows = byImage.map(([image, all]) => [
    image,
    ...branches.map(({ alias }) => {
      const ofBranch = all.filter(({ branch }) => branch.alias === alias);
      return ofBranch.length === 0 ? '-' : ofBranch.map(tagOf).join(' ');
    }),
  ]);
  const places = byImage.flatMap(([, all]) => all.map(placesRow));
  return [
    formatTable(['IMAGE', ...branches.map(({ alias }) => alias)], rows),
    formatTable(['FOUND IN', '', ''], places),
    listed('Not in the catalog, but referenced by consumers', notInCatalog.consumers),
    listed('Not in the catalog, but named by catalogs of branches', notInCatalog.catalogs),
    listed('In the catalog, but referenced by no consumer', notReferenced),
    ...outlook,
  ].join('\n\n');
}

function tagOf({ tag, digest }: Need): string {
  return tag === undefined ? (digest?.slice(0, 19) ?? 'any') : shortTag(tag);
}

const PLACES_SHOWN = 3;

function placesRow(need: Need): readonly string[] {
  const { image, branch, places } = need;
  const shown = places.slice(0, PLACES_SHOWN).map(({ file, line }) => `${printable(file)}:${line}`);
  const others = places.length - shown.length;
  if (others > 0) shown.push(`and ${others} more`);
  return [image, `${branch.alias} ${tagOf(need)}`, shown.join(', ')];
}

function listed(title: string, names: readonly string[]): string {
  return `${title}: ${names.length === 0 ? 'none' : names.join(', ')}`;
}

import type { Forecast } from '../retention/forecast.ts';
import type { HeldVersion } from '../retention/held-version.ts';
import type { ResolvedNeed } from '../retention/resolve-needs.ts';

/** A line for each thing that is amiss: what branches need first. */
export function warnOfForecast(
  { missing, endangered, threats }: Forecast,
  isDryRun: boolean,
): readonly string[] {
  const byPolicies = Map.groupBy(threats, ({ policies }) => policies.join(', '));
  return [
    ...missing.map((each) => `warning: ${needOf(each)}, and the registry does not have it`),
    ...endangered.map((each) => `warning: ${needOf(each)}, and it would be deleted`),
    ...[...byPolicies].map(([policies, all]) => {
      const [first] = all.toSorted((a, b) => Number(b.needed) - Number(a.needed));
      const needed = all.filter((threat) => threat.needed).length;
      const example = first === undefined ? '' : `, such as ${nameOf(first.version)}`;
      const of = isDryRun ? 'would delete, were it no dry run,' : 'deletes';
      return `warning: the registry's policy ${policies} ${of} ${all.length} versions that are to stay (${needed} of them needed)${example}; the next up replaces its policies`;
    }),
  ];
}

function needOf({ need: { branch, image, tag, places } }: ResolvedNeed): string {
  const [place] = places;
  const where = place === undefined ? '' : ` (${place.file}:${place.line})`;
  return `${branch.source} ${branch.branch} needs ${image}${tag === undefined ? '' : `:${tag}`}${where}`;
}

function nameOf({ packageName, digest }: HeldVersion): string {
  return `${packageName}@${digest}`;
}

import type { PageBranch, PageNeed } from './page-data.ts';
import type { Publication } from './publications.ts';
import type { PagePlaces } from './web-address.ts';
import type { Need, References } from '../branches/references.ts';
import type { Forecast } from '../retention/forecast.ts';
import type { ForeignForecast } from '../retention/foreign-policies.ts';
import { nameOf } from '../retention/members.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';

/** What the page takes of a forecast. */
export type PageForecast = Pick<
  Forecast,
  'versions' | 'resolved' | 'missing' | 'endangered' | 'unpublished' | 'threats'
> &
  Partial<Pick<ForeignForecast, 'foreign'>>;

/** The needs that a clean-up would break, by the policies to come or, unless these only log, by those in force. */
export function endangeredNeeds(
  { resolved, endangered, threats, foreign }: PageForecast,
  isDryRun: boolean,
): ReadonlySet<Need> {
  const threatened = isDryRun
    ? []
    : [...threats.filter(({ needed }) => needed), ...(foreign?.doomed ?? [])];
  const versions = new Set(threatened.map(({ version }) => version));
  const others = [...resolved].flatMap(([need, version]) =>
    version !== undefined && versions.has(version) ? need : [],
  );
  return new Set([...endangered, ...others]);
}

interface BranchFacts {
  /** `undefined` where the registry could not be read. */
  readonly forecast: PageForecast | undefined;
  readonly endangered: ReadonlySet<Need>;
  readonly publications: ReadonlyMap<string, readonly Publication[]>;
  readonly places: PagePlaces;
}

export function describeBranches(
  { branches, needs }: References,
  { forecast, endangered, publications, places }: BranchFacts,
): readonly PageBranch[] {
  const missing = new Set(forecast?.missing);
  const shownFor = shownDigests(publications);
  const stateOf = (need: Need): PageNeed['state'] => {
    if (forecast === undefined) return 'unknown';
    if (missing.has(need)) return 'missing';
    if (endangered.has(need)) return 'endangered';
    return forecast.resolved.get(need) === undefined ? 'not yet published' : 'there';
  };
  const byBranch = Map.groupBy(needs, ({ branch }) => branch);
  return branches.map((branch) => ({
    source: branch.source,
    branch: branch.branch,
    url: places.repositoryOf(branch),
    needs: (byBranch.get(branch) ?? []).map((need) => {
      const version = forecast?.resolved.get(need);
      return {
        image: need.image,
        wanted: need.tag ?? need.digest ?? branch.alias,
        places: need.places.map((place) => places.ofBranch(branch, place)),
        gets: version && shownFor(version),
        state: stateOf(need),
      };
    }),
  }));
}

/** Finds the digest that the page shows a version by: its own, or that of the index whose member it is. */
function shownDigests(publications: ReadonlyMap<string, readonly Publication[]>) {
  const all = [...publications.values()].flat();
  const shown = new Map(
    all.flatMap(({ version, parts }) =>
      parts.map((part) => [nameOf(part.version), version.digest] as const),
    ),
  );
  for (const { version } of all) shown.set(nameOf(version), version.digest);
  return (version: HeldVersion) => shown.get(nameOf(version));
}

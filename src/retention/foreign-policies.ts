import {
  evaluatePolicies,
  type InventoryVersion,
  type PolicyCondition,
  type RegistryPolicy,
} from './evaluate-policies.ts';
import { holdMembers } from './expiry.ts';
import type { Reason } from './explain-verdict.ts';
import type { Forecast, VersionForecast } from './forecast.ts';
import type { HeldVersion } from './resolve-needs.ts';
import type { Need } from '../branches/references.ts';

/** When policies delete a version, and the ids of those that do. */
interface Fate {
  readonly goesAt: Date;
  readonly policies: readonly string[];
}

/** What a forecast says where others set the policies. */
export interface ForeignForecast extends Forecast {
  readonly foreign: {
    /** The needed versions that the owners' policies delete, in the order of the inventory. */
    readonly doomed: readonly (Fate & {
      readonly version: HeldVersion;
      readonly needs: readonly Need[];
    })[];
    /** How many other versions go that the retention file keeps. */
    readonly others: number;
    /** What to propose to the owners: policies that only keep. */
    readonly proposal: readonly RegistryPolicy[];
  };
}

/**
 * The versions that these policies delete from `now` on, if nothing else changes. A version is judged at each age at
 * which a policy begins or ceases to match: a KEEP with `newerThan` ends, a DELETE with `olderThan` begins.
 */
export function fatesUnder(
  policies: readonly RegistryPolicy[],
  versions: readonly HeldVersion[],
  now: Date,
): ReadonlyMap<HeldVersion, Fate> {
  const isCounting = ({ mostRecentVersions }: RegistryPolicy) => mostRecentVersions !== undefined;
  const newest = evaluatePolicies(policies.filter(isCounting), versions, now);
  const others = policies.filter((policy) => !isCounting(policy));
  const judge = (all: readonly InventoryVersion[]) =>
    evaluatePolicies(others, all, now).map((verdict) => {
      const isDeleting = verdict.action === 'delete' || verdict.heldBy.length > 0;
      return isDeleting ? verdict.policies : undefined;
    });
  const ages = [...new Set(others.flatMap(({ condition }) => agesOf(condition)))].sort(
    (a, b) => a - b,
  );
  const today = judge(versions);
  const later = ages.map((age) => {
    const uploadedAt = new Date(now.getTime() - age - 1);
    return { age, deleting: judge(versions.map((version) => ({ ...version, uploadedAt }))) };
  });
  const fates = new Map<HeldVersion, Fate>();
  for (const [at, version] of versions.entries()) {
    if ((newest[at]?.policies.length ?? 0) > 0) continue;
    const first = today[at];
    if (first !== undefined) {
      fates.set(version, { goesAt: now, policies: first });
      continue;
    }
    const born = version.uploadedAt.getTime();
    const next = later.find(({ age, deleting }) => born + age >= now.getTime() && deleting[at]);
    if (next === undefined) continue;
    fates.set(version, { goesAt: new Date(born + next.age), policies: next.deleting[at] ?? [] });
  }
  return held(fates, versions);
}

/** The ages, in milliseconds, at which a condition begins or ceases to match. */
function agesOf({ olderThan, newerThan }: PolicyCondition = {}): readonly number[] {
  return [olderThan, newerThan].flatMap((text) =>
    text === undefined ? [] : Number(text.replace(/s$/, '')) * 1000,
  );
}

/** The members of an index stay as long as the index. */
function held(fates: ReadonlyMap<HeldVersion, Fate>, versions: readonly HeldVersion[]) {
  const days = new Map([...fates].map(([version, { goesAt }]) => [version, goesAt]));
  holdMembers(days, versions);
  return new Map(
    [...fates].flatMap(([version, fate]) => {
      const goesAt = days.get(version);
      return goesAt === undefined ? [] : [[version, { ...fate, goesAt }] as const];
    }),
  );
}

/**
 * The forecast of a repository whose policies others set: `own` is what the retention file would have, and the verdicts
 * are those of the policies in force. `isLost` says of a version that is not there whether nothing will publish it again.
 */
export function underForeignPolicies(
  own: Forecast,
  live: readonly RegistryPolicy[],
  {
    now,
    at,
    isLost,
  }: { readonly now: Date; readonly at: Date; readonly isLost: (need: Need) => boolean },
): ForeignForecast {
  const all = own.versions.map(({ version }) => version);
  const fates = fatesUnder(live, all, now);
  const versions = own.versions.map((one) => judged(one, fates.get(one.version), at));
  const needsOf = Map.groupBy(own.resolved, ([, version]) => version);
  const doomed = all.flatMap((version) => {
    const fate = fates.get(version);
    const needs = (needsOf.get(version) ?? []).map(([need]) => need);
    return fate === undefined || needs.length === 0 ? [] : [{ version, needs, ...fate }];
  });
  const wanted = own.versions.filter(({ version, verdict, goesAt }) => {
    const goes = fates.get(version)?.goesAt;
    return verdict === 'keep' && goes !== undefined && (goesAt === undefined || goes < goesAt);
  });
  const unmet = Map.groupBy(own.unpublished, isLost);
  return {
    ...own,
    policies: live,
    versions,
    missing: [...own.missing, ...(unmet.get(true) ?? [])],
    unpublished: unmet.get(false) ?? [],
    threats: [],
    foreign: {
      doomed,
      others: wanted.length - doomed.length,
      proposal: own.policies.filter(({ action }) => action === 'KEEP'),
    },
  };
}

const OF_USERS: readonly string[] = ['branch', 'alias', 'allowed'];

function judged(one: VersionForecast, fate: Fate | undefined, at: Date): VersionForecast {
  const used = one.reasons.filter(({ kind }) => OF_USERS.includes(kind));
  if (fate === undefined) {
    const stays = { kind: 'policy', text: 'no policy of the owners deletes it' } as const;
    return { ...one, verdict: 'keep', goesAt: undefined, reasons: [...used, stays] };
  }
  const { goesAt, policies } = fate;
  const isGoing = goesAt <= at;
  const text = `${isGoing ? 'by' : 'until it goes by'} the owners' ${policies.join(', ')}`;
  const reasons: readonly Reason[] = [...used, { kind: 'expired', text }];
  return { ...one, verdict: isGoing ? 'delete' : 'keep', goesAt, reasons };
}

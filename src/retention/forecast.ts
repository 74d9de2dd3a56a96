import type { References } from '../branches/references.ts';
import { compilePolicies } from './compile-policies.ts';
import { evaluatePolicies, type RegistryPolicy, type Verdict } from './evaluate-policies.ts';
import {
  expectedTags,
  type HeldVersion,
  resolveNeeds,
  type ResolvedNeed,
} from './resolve-needs.ts';
import { explainVerdict, type Reason } from './explain-verdict.ts';
import { gracePeriods, deletionDays } from './expiry.ts';
import type { Retention } from './retention.ts';

export interface ForecastInputs {
  readonly versions: readonly HeldVersion[];
  /** The policies that the registry has now, also those set by hand. */
  readonly live: readonly RegistryPolicy[];
  readonly retention: Retention;
  readonly references: References;
  /** When the next `up` runs, from which the grace of what it marks counts. */
  readonly now: Date;
  /** The day that is looked at, `now` or later. */
  readonly at: Date;
}

/** The future of a version, with reasons. */
export interface VersionForecast {
  readonly version: HeldVersion;
  readonly verdict: 'keep' | 'delete';
  /** From when on a clean-up deletes it, if nothing else changes; absent: never. */
  readonly goesAt: Date | undefined;
  /** The most telling first; never empty. */
  readonly reasons: readonly Reason[];
}

export interface Forecast {
  /** The policies that the next `up` sets. */
  readonly policies: readonly RegistryPolicy[];
  /** In the order of the inventory. */
  readonly versions: readonly VersionForecast[];
  /** Needs of supported branches that the registry does not have. */
  readonly missing: readonly ResolvedNeed[];
  /** Needs whose version a clean-up would delete: always none, or this project has a bug. */
  readonly endangered: readonly ResolvedNeed[];
  /** Versions to keep that the live policies would delete before the next `up`. */
  readonly threats: readonly Threat[];
}

/** A version to keep that the live policies delete as long as no `up` runs. */
interface Threat {
  readonly version: HeldVersion;
  /** The ids of the DELETE policies. */
  readonly policies: readonly string[];
  /** Whether a supported branch needs it. */
  readonly needed: boolean;
}

/**
 * Forecasts the clean-ups after the next `up`, which sets the policies that follow from `retention` and
 * `references`. Each verdict is `evaluatePolicies` on the policies of `compilePolicies`, which `up` sets;
 * the reasons only explain it. Throws a TooManyPoliciesError as the program does.
 */
export function forecast(inputs: ForecastInputs): Forecast {
  const { versions, live, retention, references, now, at } = inputs;
  const resolved = resolveNeeds(references, versions);
  const grace = gracePeriods(versions, resolved, live, retention, now);
  const aliases = references.branches.map(({ alias }) => alias);
  const expected = expectedTags(versions, aliases, resolved, grace.unmarked, now);

  const needed = resolved.flatMap(({ version }) => version?.digest ?? []);
  const inGrace = [...grace.ends].flatMap(([digest, end]) => (end > at ? digest : []));
  const policiesWith = (digests: typeof needed) =>
    compilePolicies(retention, { aliases, digests: [...needed, ...digests] });
  const policies = policiesWith(inGrace);

  const goesAt = deletionDays(versions, expected, policiesWith([]), retention, grace);
  const explain = explainVerdict({ retention, references, resolved, grace, at });
  const forecastOf = (version: HeldVersion, verdict: Verdict): VersionForecast => {
    const last = goesAt.get(version);
    const reasons = explain(version, verdict, last);
    return { version, verdict: verdict.action, goesAt: last, reasons };
  };
  // The verdicts are in the order of the versions, but have their expected tags.
  const forecasts = evaluatePolicies(policies, expected, at).flatMap((verdict, position) => {
    const version = versions[position];
    return version === undefined ? [] : [forecastOf(version, verdict)];
  });
  const deleted = new Set(forecasts.flatMap((f) => (f.verdict === 'delete' ? f.version : [])));
  return {
    policies,
    versions: forecasts,
    missing: resolved.filter(({ version }) => version === undefined),
    endangered: resolved.filter(({ version }) => version !== undefined && deleted.has(version)),
    threats: findThreats(live, forecasts, resolved, now),
  };
}

/** The versions that the forecast keeps and the live policies would delete at `now`. */
function findThreats(
  live: readonly RegistryPolicy[],
  forecasts: readonly VersionForecast[],
  resolved: readonly ResolvedNeed[],
  now: Date,
): readonly Threat[] {
  if (live.every(({ action }) => action !== 'DELETE')) return [];
  const needed = new Set(resolved.map(({ version }) => version));
  const kept = new Set(forecasts.flatMap((f) => (f.verdict === 'keep' ? f.version : [])));
  // All versions are evaluated, since the deleted ones count among the newest.
  const versions = forecasts.map(({ version }) => version);
  return evaluatePolicies(live, versions, now)
    .filter(({ version, action }) => action === 'delete' && kept.has(version))
    .map(({ version, policies }) => ({ version, policies, needed: needed.has(version) }));
}

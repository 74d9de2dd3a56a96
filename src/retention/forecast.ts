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
import { gracePeriods, lastDays } from './expiry.ts';
import type { Retention } from './retention.ts';

export interface ForecastInputs {
  readonly versions: readonly HeldVersion[];
  /** The policies that the registry has now, whoever set them. */
  readonly live: readonly RegistryPolicy[];
  readonly retention: Retention;
  readonly references: References;
  /** When the next `up` runs, from which the grace of what it marks counts. */
  readonly now: Date;
  /** The day that is looked at, `now` or later. */
  readonly at: Date;
}

/** What becomes of one version, and why. */
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
  /** What supported branches need and the registry does not have. */
  readonly missing: readonly ResolvedNeed[];
  /** What they need and a clean-up would delete: nothing, or there is a mistake in this project. */
  readonly endangered: readonly ResolvedNeed[];
  /** What is to stay and the registry's own policies would delete before the next `up`. */
  readonly threats: readonly Threat[];
}

/**
 * What clean-ups do once the next `up` has set the policies that follow from `retention` and
 * `references`. Every verdict is `evaluatePolicies` on what `compilePolicies` writes, as `up` writes
 * it; the reasons only put it in words. Throws a `TooManyPoliciesError` as the program does.
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

  const verdicts = evaluatePolicies(policies, expected, at);
  const goesAt = lastDays(versions, expected, policiesWith([]), retention, grace);
  const explain = explainVerdict({ retention, references, resolved, grace, at });
  const forecasts = versions.map((version, position): VersionForecast => {
    const verdict = verdictAt(verdicts, position);
    const last = goesAt.get(version);
    const reasons = explain(version, verdict, last);
    return { version, verdict: verdict.action, goesAt: last, reasons };
  });
  const doomed = new Set(forecasts.flatMap((f) => (f.verdict === 'delete' ? [f.version] : [])));
  return {
    policies,
    versions: forecasts,
    missing: resolved.filter(({ version }) => version === undefined),
    endangered: resolved.filter(({ version }) => version !== undefined && doomed.has(version)),
    threats: findThreats(live, forecasts, resolved, now),
  };
}

function verdictAt(verdicts: readonly Verdict<HeldVersion>[], position: number) {
  const verdict = verdicts[position];
  if (verdict === undefined) throw new Error(`no verdict on version ${position}`);
  return verdict;
}

/** A version that is to stay, and that a policy of the registry deletes as long as no `up` runs. */
interface Threat {
  readonly version: HeldVersion;
  /** The ids of the DELETE policies. */
  readonly policies: readonly string[];
  /** Whether a supported branch needs it. */
  readonly needed: boolean;
}

/** What the live policies would delete at `now` of what the forecast keeps. */
function findThreats(
  live: readonly RegistryPolicy[],
  forecasts: readonly VersionForecast[],
  resolved: readonly ResolvedNeed[],
  now: Date,
): readonly Threat[] {
  if (live.every(({ action }) => action !== 'DELETE')) return [];
  const needed = new Set(resolved.map(({ version }) => version));
  const versions = forecasts.map(({ version }) => version);
  return evaluatePolicies(live, versions, now).flatMap(({ version, action, policies }, position) =>
    action === 'delete' && forecasts[position]?.verdict === 'keep'
      ? [{ version, policies, needed: needed.has(version) }]
      : [],
  );
}

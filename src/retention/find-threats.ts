import { evaluatePolicies } from './evaluate-policies.ts';
import type { RegistryPolicy } from './evaluate-policies.ts';
import type { VersionForecast } from './forecast.ts';
import type { HeldVersion } from './held-version.ts';
import type { ResolvedNeed } from './resolve-needs.ts';

/** A version that is to stay, and that a policy of the registry deletes as long as no `up` runs. */
export interface Threat {
  readonly version: HeldVersion;
  /** The ids of the DELETE policies. */
  readonly policies: readonly string[];
  /** Whether a supported branch needs it. */
  readonly needed: boolean;
}

/** What the live policies would delete at `now` of what the forecast keeps. */
export function findThreats(
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

import { evaluatePolicies } from './evaluate-policies.ts';
import type { RegistryPolicy } from './evaluate-policies.ts';
import type { Grace } from './grace.ts';
import type { HeldVersion } from './held-version.ts';
import type { Retention } from './retention.ts';

/** The latest time that a Date can have: everything is old then. */
const END_OF_TIME = new Date(8.64e15);

/**
 * From when on a clean-up deletes each version, if nothing else changes; without an entry for what
 * stays for ever. `expected` are the same versions with the tags they will have; `policies` those of
 * the time when every grace period is over.
 */
export function lastDays(
  versions: readonly HeldVersion[],
  expected: readonly HeldVersion[],
  policies: readonly RegistryPolicy[],
  { window, untaggedAfter }: Pick<Retention, 'window' | 'untaggedAfter'>,
  grace: Grace,
): ReadonlyMap<HeldVersion, Date> {
  const days = new Map<HeldVersion, Date>();
  const verdicts = evaluatePolicies(policies, expected, END_OF_TIME);
  versions.forEach((version, position) => {
    const verdict = verdicts[position];
    if (verdict === undefined) return;
    if (verdict.action === 'keep' && verdict.heldBy.length === 0) return;
    const limit = verdict.version.tags.length > 0 ? window : untaggedAfter;
    const old = version.uploadedAt.getTime() + limit * 1000;
    days.set(version, new Date(Math.max(old, grace.ends.get(version.digest)?.getTime() ?? 0)));
  });
  holdParts(days, versions);
  return days;
}

/** What an index refers to can't be deleted before it. */
function holdParts(days: Map<HeldVersion, Date>, versions: readonly HeldVersion[]): void {
  const parts = versions.filter(({ indexes = [] }) => indexes.length > 0);
  const wanted = new Set(parts.flatMap(({ indexes = [] }) => indexes));
  const indexes = versions.filter(({ digest }) => wanted.has(digest));
  const dayOf = new Map(indexes.map((index) => [nameOf(index), days.get(index)]));
  for (const part of parts) {
    const own = days.get(part);
    const held = part.indexes?.map((digest) => dayOf.get(`${part.packageName}@${digest}`)) ?? [];
    if (own === undefined || held.includes(undefined)) days.delete(part);
    else days.set(part, latest([own, ...held.filter((day) => day !== undefined)]));
  }
}

function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

function nameOf({ packageName, digest }: HeldVersion): string {
  return `${packageName}@${digest}`;
}

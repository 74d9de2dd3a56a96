import type { Need, References } from '../branches/references.ts';
import { aliasPrefix } from '../branches/needs.ts';
import {
  countAttachments,
  findAttachments,
  isAttachmentOnly,
  largerCounts,
  withAttachments,
  type Attachment,
  type AttachmentCounts,
} from './attachments.ts';
import { compilePolicies } from './compile-policies.ts';
import { evaluatePolicies, type RegistryPolicy } from './evaluate-policies.ts';
import { digestWarning } from './keep-lists.ts';
import { resolveNeeds, type HeldVersion, type ResolvedNeeds } from './resolve-needs.ts';
import { explainVerdict, type Reason } from './explain-verdict.ts';
import { deletionDays, expectedTags, gracePeriods } from './expiry.ts';
import { judgeMembers } from './members.ts';
import { divideUnmet } from './missing-needs.ts';
import type { Retention } from './retention.ts';
import type { Digest } from '../image-reference.ts';

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
  /** What the catalog's publications have; absent: there is no catalog. */
  readonly ofCatalog?: AttachmentCounts;
}

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
  readonly resolved: ResolvedNeeds;
  /** A warning, where they have room for few more digests. */
  readonly room: string | undefined;
  /** In the order of the inventory. */
  readonly versions: readonly VersionForecast[];
  /** Needs whose version the registry had, and does not have any more. */
  readonly missing: readonly Need[];
  /** Needs whose version the registry never had: nobody could have pulled it yet. */
  readonly unpublished: readonly Need[];
  /** Needs whose version a clean-up would delete: always none, or this project has a bug. */
  readonly endangered: readonly Need[];
  /** Versions to keep that the live policies would delete before the next `up`. */
  readonly threats: readonly Threat[];
}

interface Threat {
  readonly version: HeldVersion;
  /** The ids of the DELETE policies. */
  readonly policies: readonly string[];
  readonly needed: boolean;
}

/**
 * Forecasts the clean-ups after the next `up`, which sets the policies that follow from `retention` and
 * `references`. Each verdict is `evaluatePolicies` on the policies of `compilePolicies`, which `up` sets;
 * the reasons only explain it. Throws a TooManyPoliciesError as the program does.
 */
export function forecast(inputs: ForecastInputs): Forecast {
  const { versions, live, references, now, at } = inputs;
  const counts = countAttachments(versions);
  const { ofCatalog = counts } = inputs;
  const retention = withAttachments(inputs.retention, largerCounts(counts, ofCatalog));
  const resolved = resolveNeeds(references, versions);
  // The live policies keep attachments by their digests, too, although no branch needed them.
  const own = versions.filter((version) => !isAttachmentOnly(version));
  const ofVersions = gracePeriods(own, resolved, live, retention, now);
  const expected = expectedTags(versions, references, resolved, ofVersions, now);

  const aliases = references.branches.map(({ alias }) => aliasPrefix(alias));
  const lists = { ...retention, keepAliases: [...retention.keepAliases, ...aliases] };
  const attachments = findAttachments(expected, lists);
  const grace = { ...ofVersions, ends: withEndsOf(attachments, ofVersions.ends) };
  const needed = new Set([...resolved.values()].flatMap((version) => version?.digest ?? []));
  const attachmentsOf = (digests: ReadonlySet<string>) =>
    attachments.filter(({ owner, isListed }) => isListed || digests.has(owner));
  const always = [...needed, ...attachmentsOf(needed).map(({ version }) => version.digest)];
  const digests = [...always, ...endingAfter(at, grace.ends)];
  const policies = compilePolicies(retention, { aliases, digests });
  const inGrace = endingAfter(at, ofVersions.ends);
  const room = digestWarning(retention, { aliases, digests }, { needed, inGrace });
  const afterGrace = compilePolicies(retention, { aliases, digests: always });

  const days = deletionDays(versions, expected, afterGrace, retention, grace);
  const explain = explainVerdict({
    retention,
    keepNewest: inputs.retention.keepNewest,
    references,
    resolved,
    grace,
    attachments: attachmentsOf(new Set(digests)),
    at,
  });
  const verdicts = judgeMembers(evaluatePolicies(policies, expected, at));
  // The verdicts are in the order of the versions, but have their expected tags.
  const forecasts = versions.flatMap((version, position): readonly VersionForecast[] => {
    const verdict = verdicts[position];
    if (verdict === undefined) return [];
    const goesAt = days.get(version);
    const reasons = explain(version, verdict, goesAt);
    return [{ version, verdict: verdict.action, goesAt, reasons }];
  });
  const staying = new Set(
    forecasts.flatMap(({ version, verdict }) => (verdict === 'keep' ? version : [])),
  );
  const needsWith = (isSuch: (version: HeldVersion | undefined) => boolean) =>
    [...resolved].flatMap(([need, version]) => (isSuch(version) ? need : []));
  const unmet = needsWith((version) => version === undefined);
  return {
    policies,
    resolved,
    room,
    versions: forecasts,
    ...divideUnmet(unmet, versions, live, references, retention),
    endangered: needsWith((version) => version !== undefined && !staying.has(version)),
    threats: findThreats(inputs, staying, new Set(resolved.values())),
  };
}

/** All versions are evaluated, since those that go count among the newest. */
function findThreats(
  { live, versions, now }: ForecastInputs,
  staying: ReadonlySet<HeldVersion>,
  needed: ReadonlySet<HeldVersion | undefined>,
): readonly Threat[] {
  return evaluatePolicies(live, versions, now).flatMap(({ version, action, policies }) =>
    action === 'delete' && staying.has(version)
      ? { version, policies, needed: needed.has(version) }
      : [],
  );
}

function endingAfter(at: Date, ends: ReadonlyMap<Digest, Date>): readonly Digest[] {
  return [...ends].flatMap(([digest, end]) => (end > at ? digest : []));
}

/** An attachment of a version in its grace period stays until the end of that. */
function withEndsOf(
  attachments: readonly Attachment<HeldVersion>[],
  ends: ReadonlyMap<Digest, Date>,
): ReadonlyMap<Digest, Date> {
  const all = new Map(ends);
  for (const { version, owner } of attachments) {
    const end = ends.get(owner as Digest);
    const known = all.get(version.digest);
    if (end !== undefined && (known === undefined || end > known)) all.set(version.digest, end);
  }
  return all;
}

import { formatTable, shortTag } from './format-table.ts';
import { formatVersion, type Need } from '../branches/references.ts';
import { byKey } from '../compare-texts.ts';
import { DAY_MS, formatDay } from '../dates.ts';
import { formatSize } from '../format-size.ts';
import type { RegistryPolicy } from '../retention/evaluate-policies.ts';
import type { ForeignForecast } from '../retention/foreign-policies.ts';
import {
  forecastRows,
  sizeOf,
  totalsOf,
  type ComparedVersion,
  type ForecastRow,
} from '../retention/forecast-rows.ts';
import { gcloudPolicies, terraformPolicies } from '../retention/format-policies.ts';
import type { Forecast, VersionForecast } from '../retention/forecast.ts';

/** A forecast, and what its reader must know to judge it. */
interface ShownForecast {
  readonly forecast: Forecast | ForeignForecast;
  /** The versions of the forecast that are shown. */
  readonly versions: readonly ComparedVersion[];
  /** The revision that was compared with: only what differs is shown. */
  readonly against?: string | undefined;
  readonly at: Date;
  /** Whether the clean-up only logs. */
  readonly dryRun: boolean;
}

const COLUMNS = ['VERSION', 'TAGS', 'PLATFORMS', 'SIZE', 'AGE', 'VERDICT', 'GOES', 'REASON'];

/**
 * A table for each image, and the totals. Versions that stay for the same reason share a line, unless
 * `all` is set or the reason is a branch or an alias; versions that go have a line each. Platforms have a column where
 * there are indexes.
 */
export function formatForecastAsText(
  { forecast, versions: shown, at, dryRun }: ShownForecast,
  all: boolean,
): string {
  const lineOf = ({ version, verdict, reasons: [first] }: ForecastRow) => {
    const isAlone = verdict === 'delete' || first?.kind === 'branch' || first?.kind === 'alias';
    if (all || isAlone) return version.digest;
    // The text names what each belongs to.
    return first?.kind === 'attachment' ? first.kind : `${first?.kind ?? ''} ${first?.text ?? ''}`;
  };
  const rows = forecastRows(forecast.versions, shown);
  const tables = byImage(rows).map(([image, ofImage]) => {
    const lines = [...Map.groupBy(ofImage, lineOf).values()];
    const cells = [COLUMNS, ...lines.map((line) => cellsOf(line, at))];
    const hasPlatforms = ofImage.some(({ platforms }) => platforms.length > 0);
    const [head = [], ...others] = hasPlatforms ? cells : cells.map(withoutPlatforms);
    return `${image}\n${formatTable(head, others)}`;
  });
  const { versions, bytes, deleted, bytesFreed } = totalsOf(rows);
  const mode = dryRun ? ' (dry run: nothing is deleted)' : '';
  const total = `${formatDay(at)}: ${deleted} of ${versions} versions go, ${formatSize(bytesFreed)} of ${formatSize(bytes)}${mode}`;
  return [...tables, total, ...proposalParts(forecast)].join('\n\n');
}

/** How the policies to propose are written: for gcloud, or for Terraform. */
export type PolicyFormat = 'json' | 'hcl';

export function formatProposalOf(policies: readonly RegistryPolicy[], format: PolicyFormat) {
  if (format === 'hcl') return terraformPolicies(policies);
  return `${JSON.stringify(gcloudPolicies(policies), null, 2)}\n`;
}

/** What to propose to owners whose policies delete needed versions. */
function proposalParts(forecast: Forecast | ForeignForecast): readonly string[] {
  if (!('foreign' in forecast) || forecast.foreign.doomed.length === 0) return [];
  const { proposal } = forecast.foreign;
  const parts = (['json', 'hcl'] as const).map((format) =>
    formatProposalOf(proposal, format).trimEnd(),
  );
  return [
    'Policies to propose to the owners, beside theirs: for gcloud, then for Terraform',
    ...parts,
  ];
}

function withoutPlatforms(cells: readonly string[]): readonly string[] {
  return cells.toSpliced(COLUMNS.indexOf('PLATFORMS'), 1);
}

function cellsOf(line: readonly ForecastRow[], at: Date): readonly string[] {
  const [first] = line;
  if (first === undefined) return [];
  const { version, verdict, goesAt, reasons } = first;
  const isOne = line.length === 1;
  const isAttached = !isOne && reasons[0]?.kind === 'attachment';
  const [reason = '', ...others] = isAttached
    ? ['belong to versions that are kept']
    : reasons.map(({ text }) => text);
  const platforms = new Set(line.map((row) => row.platforms.join(' ')));
  return [
    isOne ? version.digest.slice(0, 19) : `${line.length} versions`,
    isOne ? withoutControls(version.tags.map(shortTag).join(' ')) : '',
    platforms.size === 1 ? withoutControls([...platforms].join('')) : '',
    formatSize(sizeOf(line.flatMap(({ whole }) => whole))),
    version.isTimeUnknown === true
      ? '?'
      : `${Math.floor((at.getTime() - version.uploadedAt.getTime()) / DAY_MS)}d`,
    verdict,
    goesAt === undefined ? 'never' : formatDay(goesAt),
    withoutControls(`${reason}${others.length === 0 ? '' : `; and ${others.length} more`}`),
  ];
}

/** Replaces control characters, which paths in other repositories may have, and which move the cursor. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

/**
 * A JSON object, with the policies that `up` would set. Times are RFC 3339 in UTC, and sizes are bytes. `goesAt` is null
 * for versions that never go, and `against` where nothing was compared. An index is one entry, with the digests of its
 * members and the size of all; the totals count each member once.
 */
export function formatForecastAsJson(
  { forecast, versions: shown, against, at, dryRun }: ShownForecast,
  warnings: readonly string[],
): string {
  const rows = forecastRows(forecast.versions, shown);
  const images = byImage(rows).map(([image, ofImage]) => {
    const entries = ofImage.map(
      ({ version, platforms, whole, verdict, goesAt = null, reasons, before }) => {
        const { digest, tags, uploadedAt } = version;
        const members = (version.members ?? []).map((member) => member.digest);
        const sizeBytes = sizeOf(whole);
        const facts = { digest, tags, platforms, members, sizeBytes, uploadedAt };
        return { ...facts, verdict, goesAt, reasons, before: before && fateOf(before) };
      },
    );
    return { image, ...totalsOf(ofImage), entries };
  });
  const printed = {
    at,
    dryRun,
    against: against ?? null,
    totals: totalsOf(rows),
    images,
    missing: forecast.missing.map(needAsJson),
    unpublished: forecast.unpublished.map(needAsJson),
    warnings,
    policies: forecast.policies,
    ...('foreign' in forecast && foreignParts(forecast)),
  };
  return JSON.stringify(printed, null, 2);
}

function needAsJson({ branch, image, tag, digest, places }: Need) {
  const { source, branch: name } = branch;
  return { source, branch: name, image, tag: tag ?? null, digest, places };
}

/** What the owners' policies do, and what to propose to them. */
function foreignParts({ foreign }: ForeignForecast) {
  const { doomed, others, proposal } = foreign;
  return {
    doomed: doomed.map(({ version, needs, goesAt, policies }) => ({
      image: version.packageName,
      digest: version.digest,
      goesAt,
      policies,
      neededBy: needs.map(({ branch, places }) => {
        return { source: branch.source, branch: branch.branch, places };
      }),
    })),
    others,
    proposal: { gcloud: gcloudPolicies(proposal), terraform: terraformPolicies(proposal) },
  };
}

function fateOf({ verdict, goesAt, reasons }: VersionForecast) {
  return { verdict, goesAt: goesAt ?? null, reasons };
}

/** The images by name, each with its versions, the newest first. */
function byImage(rows: readonly ForecastRow[]) {
  const newestFirst = rows.toSorted(
    (a, b) => b.version.uploadedAt.getTime() - a.version.uploadedAt.getTime(),
  );
  const groups = Map.groupBy(newestFirst, ({ version }) => version.packageName);
  return [...groups].toSorted(byKey);
}

/** What a forecast could not read: the ids of policies that can't be evaluated, and images that the registry hides. */
interface Unread {
  readonly unknown?: readonly string[];
  readonly hidden?: readonly string[];
}

/** A line for each danger; first come the needs of branches. */
export function forecastWarnings(
  forecast: Forecast | ForeignForecast,
  isDryRun: boolean,
  { unknown = [], hidden = [] }: Unread = {},
): readonly string[] {
  const { missing, endangered, threats, room } = forecast;
  const byPolicies = Map.groupBy(threats, ({ policies }) => policies.join(', '));
  const verb = isDryRun ? 'would delete, were it no dry run,' : 'deletes';
  const isForeign = 'foreign' in forecast;
  return [
    ...missing.map(
      (each) =>
        `warning: ${needOf(each)}, and the registry has lost it${isForeign ? ', or never had it: the catalog does not stand for it, so that no run publishes it; change the branch, or pin it to another version' : ''}`,
    ),
    ...endangered.map((each) => `warning: ${needOf(each)}, and it would be deleted`),
    ...(isForeign ? foreignWarnings(forecast, verb) : []),
    ...[...byPolicies].map(([policies, all]) => {
      const needed = all.filter((threat) => threat.needed);
      const { packageName = '', digest = '' } = (needed[0] ?? all[0])?.version ?? {};
      return `warning: the registry's policy ${policies} ${verb} ${all.length} versions that are to stay (${needed.length} of them needed), such as ${packageName}@${digest}; the next up replaces its policies`;
    }),
    ...unknown.map(
      (id) =>
        `warning: the registry's policy ${withoutControls(id)} has an action or a condition that can't be evaluated here: it counts as one that keeps nothing, or deletes everything`,
    ),
    ...hidden.map(
      (image) =>
        `warning: the registry hides ${image} from this account, or does not have it: it counts as not published`,
    ),
    ...(room === undefined ? [] : [`warning: ${room}`]),
  ];
}

/** A line for each needed version that the owners' policies delete. */
function foreignWarnings({ foreign }: ForeignForecast, verb: string): readonly string[] {
  const { doomed, others } = foreign;
  return [
    ...doomed.map(({ version: { packageName, digest }, needs, goesAt, policies }) => {
      const names = needs.map(({ branch, places: [place] }) => {
        const where = place === undefined ? '' : ` (${place.file}:${place.line})`;
        return `${branch.source} ${branch.branch}${where}`;
      });
      return `warning: the owners' policy ${policies.join(', ')} ${verb} ${packageName}@${digest} on ${formatDay(goesAt)}, which ${[...new Set(names)].join(', ')} needs`;
    }),
    ...(others > 0
      ? [`warning: their policies also delete ${others} versions that the retention file keeps`]
      : []),
  ];
}

/** What branches need and nobody has published yet: a line for each version, after one that says so. */
export function formatUnpublished({ unpublished }: Forecast): readonly string[] {
  if (unpublished.length === 0) return [];
  const branches = Map.groupBy(unpublished, formatVersion);
  const names = [...branches].map(([version, needs]) => {
    const of = needs.map(({ branch }) => `${branch.source} ${branch.branch}`);
    return `  ${version} (${of.join(', ')})`;
  });
  return [`news: ${names.length} versions that branches need were never published:`, ...names];
}

function needOf({ branch, image, tag, digest, places }: Need): string {
  const [place] = places;
  const where = place === undefined ? '' : ` (${place.file}:${place.line})`;
  return `${branch.source} ${branch.branch} needs ${formatVersion({ image, tag, digest })}${where}`;
}

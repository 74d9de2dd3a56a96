import { formatTable } from './format-table.ts';
import type { VersionForecast, Forecast } from '../retention/forecast.ts';
import type { HeldVersion, ResolvedNeed } from '../retention/resolve-needs.ts';

const DAY_MS = 86_400_000;
const COLUMNS = ['VERSION', 'TAGS', 'SIZE', 'AGE', 'VERDICT', 'GOES', 'REASON'];

/**
 * A table for each image and the totals. Of what stays for one reason, several versions are one line,
 * unless `all` are asked for; what goes is always listed.
 */
export function formatForecast({ forecast, at, dryRun }: SettledForecast, all: boolean): string {
  const parts = byImage(forecast.versions).map(([image, versions]) => {
    const rows = all ? versions.map((each) => [each]) : folded(versions);
    const table = formatTable(
      COLUMNS,
      rows.map((row) => cellsOf(row, at)),
    );
    return `${image}\n${table}`;
  });
  const { versions, bytes, deleted, bytesFreed } = totalsOf(forecast.versions);
  const mode = dryRun ? ' (dry run: nothing is deleted)' : '';
  const total = `${at.toISOString().slice(0, 10)}: ${deleted} of ${versions} versions go, ${size(bytesFreed)} of ${size(bytes)}${mode}`;
  return [...parts, total].join('\n\n');
}

/** What stays for the same reason, and is not about to go on a day of its own, in one row. */
function folded(versions: readonly VersionForecast[]): readonly (readonly VersionForecast[])[] {
  const rows = Map.groupBy(versions, ({ version, verdict, reasons }) => {
    const [first] = reasons;
    const isTold = verdict === 'delete' || first?.kind === 'branch' || first?.kind === 'alias';
    return isTold ? version.digest : `${first?.kind ?? ''} ${first?.text ?? ''}`;
  });
  return [...rows.values()];
}

function cellsOf(row: readonly VersionForecast[], at: Date): readonly string[] {
  const [first] = row;
  if (first === undefined) return [];
  const { version, verdict, goesAt, reasons } = first;
  const bytes = row.reduce((sum, each) => sum + each.version.sizeBytes, 0);
  const [reason, ...others] = reasons.map(({ text }) => text);
  const tags = version.tags.map(shortened);
  return [
    row.length === 1 ? version.digest.slice(0, 19) : `${row.length} versions`,
    row.length === 1 ? printable(tags.join(' ')) : '',
    size(bytes),
    `${Math.floor((at.getTime() - version.uploadedAt.getTime()) / DAY_MS)}d`,
    verdict,
    goesAt?.toISOString().slice(0, 10) ?? 'never',
    printable(`${reason ?? ''}${others.length === 0 ? '' : `; and ${others.length} more`}`),
  ];
}

/** An immutable tag takes up most of the line, and its beginning tells it. */
function shortened(tag: string): string {
  return /^[0-9a-f]{32}$/.test(tag) ? tag.slice(0, 12) : tag;
}

/** A path of somebody's repository may hold what moves a terminal's cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

/** A forecast with what a reader must know to judge it. */
interface SettledForecast {
  readonly forecast: Forecast;
  readonly at: Date;
  /** Whether the clean-up only logs. */
  readonly dryRun: boolean;
}

/** A JSON object, with the policies that `up` would set; times are RFC 3339 in UTC, sizes bytes, and `goesAt` is null for what never goes. */
export function formatForecastAsJson(
  { forecast, at, dryRun }: SettledForecast,
  warnings: readonly string[],
): string {
  const images = byImage(forecast.versions).map(([image, versions]) => {
    return { image, ...totalsOf(versions), entries: versions.map(entryOf) };
  });
  const missing = forecast.missing.map(({ need: { branch, image, tag, places } }) => {
    const { source, branch: name } = branch;
    return { source, branch: name, image, tag: tag ?? null, places };
  });
  const totals = totalsOf(forecast.versions);
  const { policies } = forecast;
  return JSON.stringify({ at, dryRun, totals, images, missing, warnings, policies }, null, 2);
}

function entryOf({ version, verdict, goesAt, reasons }: VersionForecast) {
  const { digest, tags, sizeBytes, uploadedAt } = version;
  return { digest, tags, sizeBytes, uploadedAt, verdict, goesAt: goesAt ?? null, reasons };
}

/** How much there is of some versions, and how much of it goes. */
interface ForecastTotals {
  readonly versions: number;
  readonly bytes: number;
  readonly deleted: number;
  /** At most: layers that other versions share stay. */
  readonly bytesFreed: number;
}

function totalsOf(versions: readonly VersionForecast[]): ForecastTotals {
  const deleted = versions.filter(({ verdict }) => verdict === 'delete');
  return {
    versions: versions.length,
    bytes: sizeOf(versions),
    deleted: deleted.length,
    bytesFreed: sizeOf(deleted),
  };
}

function sizeOf(versions: readonly VersionForecast[]): number {
  return versions.reduce((sum, { version }) => sum + version.sizeBytes, 0);
}

/** The versions of each image, by the image's name; the newest first. */
function byImage(
  versions: readonly VersionForecast[],
): readonly (readonly [image: string, versions: readonly VersionForecast[]])[] {
  const groups = Map.groupBy(versions, ({ version }) => version.packageName);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([image, all]) => [
      image,
      all.toSorted((a, b) => b.version.uploadedAt.getTime() - a.version.uploadedAt.getTime()),
    ]);
}

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

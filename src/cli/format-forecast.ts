import type { SettledForecast } from './format-forecast-as-json.ts';
import { byImage, totalsOf } from './forecast-totals.ts';
import { formatTable } from './format-table.ts';
import type { VersionForecast } from '../retention/forecast.ts';

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

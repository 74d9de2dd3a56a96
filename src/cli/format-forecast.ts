import { formatTable, shortTag } from './format-table.ts';
import { formatVersion, type Need } from '../branches/references.ts';
import type { Forecast, VersionForecast } from '../retention/forecast.ts';

/** A forecast, and what its reader must know to judge it. */
interface ShownForecast {
  readonly forecast: Forecast;
  /** Those of its versions that are shown. */
  readonly versions: readonly VersionForecast[];
  readonly at: Date;
  /** Whether the clean-up only logs. */
  readonly dryRun: boolean;
}

const DAY_MS = 86_400_000;
const COLUMNS = ['VERSION', 'TAGS', 'SIZE', 'AGE', 'VERDICT', 'GOES', 'REASON'];

/**
 * A table for each image, and the totals. Versions that stay for the same reason share a line, unless
 * `all` is set or the reason is a branch or an alias; versions that go have a line each.
 */
export function formatForecastAsText(
  { forecast, versions: shown, at, dryRun }: ShownForecast,
  all: boolean,
): string {
  const lineOf = ({ version, verdict, reasons: [first] }: VersionForecast) => {
    const isAlone = verdict === 'delete' || first?.kind === 'branch' || first?.kind === 'alias';
    return all || isAlone ? version.digest : `${first?.kind ?? ''} ${first?.text ?? ''}`;
  };
  const membersOf = membersByIndex(forecast.versions);
  const parts = byImage(shown).map(([image, versions]) => {
    const lines = [...Map.groupBy(versions, lineOf).values()];
    const rows = lines.map((line) => cellsOf(line, withMembers(line, membersOf), at));
    return `${image}\n${formatTable(COLUMNS, rows)}`;
  });
  const { versions, bytes, deleted, bytesFreed } = totalsOf(shown);
  const mode = dryRun ? ' (dry run: nothing is deleted)' : '';
  const total = `${dayOf(at)}: ${deleted} of ${versions} versions go, ${size(bytesFreed)} of ${size(bytes)}${mode}`;
  return [...parts, total].join('\n\n');
}

function cellsOf(
  line: readonly VersionForecast[],
  whole: readonly VersionForecast[],
  at: Date,
): readonly string[] {
  const [first] = line;
  if (first === undefined) return [];
  const { version, verdict, goesAt, reasons } = first;
  const isOne = line.length === 1;
  const [reason = '', ...others] = reasons.map(({ text }) => text);
  return [
    isOne ? version.digest.slice(0, 19) : `${line.length} versions`,
    isOne ? withoutControls(version.tags.map(shortTag).join(' ')) : '',
    size(sizeOf(whole)),
    `${Math.floor((at.getTime() - version.uploadedAt.getTime()) / DAY_MS)}d`,
    verdict,
    goesAt === undefined ? 'never' : dayOf(goesAt),
    withoutControls(`${reason}${others.length === 0 ? '' : `; and ${others.length} more`}`),
  ];
}

/** Paths in other repositories may hold characters that move a terminal's cursor. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

/**
 * A JSON object, with the policies that `up` would set. Times are RFC 3339 in UTC, sizes are bytes, and
 * `goesAt` is null for versions that never go. The size of an index includes its members, which the totals count once.
 */
export function formatForecastAsJson(
  { forecast, versions: shown, at, dryRun }: ShownForecast,
  warnings: readonly string[],
): string {
  const membersOf = membersByIndex(forecast.versions);
  const images = byImage(shown).map(([image, versions]) => {
    const entries = versions.map((one) => {
      const { version, verdict, goesAt = null, reasons } = one;
      const { digest, tags, uploadedAt } = version;
      const sizeBytes = sizeOf(withMembers([one], membersOf));
      return { digest, tags, sizeBytes, uploadedAt, verdict, goesAt, reasons };
    });
    return { image, ...totalsOf(versions), entries };
  });
  const [missing, unpublished] = [forecast.missing, forecast.unpublished].map((needs) =>
    needs.map(({ branch, image, tag = null, digest, places }) => {
      return { source: branch.source, branch: branch.branch, image, tag, digest, places };
    }),
  );
  const totals = totalsOf(shown);
  const { policies } = forecast;
  const printed = { at, dryRun, totals, images, missing, unpublished, warnings, policies };
  return JSON.stringify(printed, null, 2);
}

/** `bytesFreed` is an upper limit: layers that other versions share stay. */
function totalsOf(versions: readonly VersionForecast[]) {
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

type Members = ReadonlyMap<string, readonly VersionForecast[]>;

/** The name of each index → the versions of its image that it refers to. */
function membersByIndex(versions: readonly VersionForecast[]): Members {
  const pairs = versions.flatMap((member) =>
    (member.version.indexes ?? []).map((digest) => {
      return { index: nameOf({ ...member.version, digest }), member };
    }),
  );
  const groups = [...Map.groupBy(pairs, ({ index }) => index)];
  return new Map(groups.map(([index, found]) => [index, found.map(({ member }) => member)]));
}

function nameOf({ packageName, digest }: { packageName: string; digest: string }): string {
  return `${packageName}@${digest}`;
}

/** Versions and the members of the indexes among them: an index by itself is a list of a few hundred bytes. */
function withMembers(
  versions: readonly VersionForecast[],
  membersOf: Members,
): readonly VersionForecast[] {
  return [
    ...new Set(versions.flatMap((one) => [one, ...(membersOf.get(nameOf(one.version)) ?? [])])),
  ];
}

/** The images by name, each with its versions, the newest first. */
function byImage(versions: readonly VersionForecast[]) {
  const newestFirst = versions.toSorted(
    (a, b) => b.version.uploadedAt.getTime() - a.version.uploadedAt.getTime(),
  );
  const groups = Map.groupBy(newestFirst, ({ version }) => version.packageName);
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A line for each danger; first come the needs of branches. */
export function forecastWarnings(
  { missing, endangered, threats, room }: Forecast,
  isDryRun: boolean,
): readonly string[] {
  const byPolicies = Map.groupBy(threats, ({ policies }) => policies.join(', '));
  const verb = isDryRun ? 'would delete, were it no dry run,' : 'deletes';
  return [
    ...missing.map((each) => `warning: ${needOf(each)}, and the registry has lost it`),
    ...endangered.map((each) => `warning: ${needOf(each)}, and it would be deleted`),
    ...[...byPolicies].map(([policies, all]) => {
      const needed = all.filter((threat) => threat.needed);
      const { packageName = '', digest = '' } = (needed[0] ?? all[0])?.version ?? {};
      return `warning: the registry's policy ${policies} ${verb} ${all.length} versions that are to stay (${needed.length} of them needed), such as ${packageName}@${digest}; the next up replaces its policies`;
    }),
    ...(room === undefined ? [] : [`warning: ${room}`]),
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

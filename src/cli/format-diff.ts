import { formatTable } from './format-table.ts';
import { namesOf } from '../branches/branch-alias.ts';
import { formatDay } from '../dates.ts';
import { formatSize } from '../format-size.ts';
import type { ContentDifferences } from '../packages/diff-contents.ts';
import { shownName } from '../packages/diff-packages.ts';
import { printable } from '../problem.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { formatPackageDifferences } from '../review/format-packages.ts';
import { code, plainTable, prose } from '../review/markdown.ts';

/** How two versions of an image differ, by platform; without any where both are the same version. */
export interface VersionDiff {
  readonly image: string;
  readonly before: HeldVersion;
  readonly after: HeldVersion;
  readonly platforms: Readonly<Record<string, ContentDifferences>>;
}

/** A table for each group of platforms that differ alike. */
export function formatDiffAsText(diff: VersionDiff): string {
  const { image, before, after } = diff;
  const blocks = blocksOf(diff, (content) => [...factRows(content), ...packageRows(content)]);
  const tables = blocks.map(({ platforms, rows, reason }) => {
    const shown = rows.map((row) => row.map((cell) => (cell === '' ? '-' : printable(cell))));
    return [
      ...(blocks.length === 1 ? [] : [platforms.join(', ')]),
      ...(rows.length === 0 ? [] : [formatTable(['CHANGE', 'NAME', 'BEFORE', 'AFTER'], shown)]),
      ...(reason === undefined ? [] : [`Package differences are unknown: ${printable(reason)}`]),
      ...(rows.length === 0 && reason === undefined ? ['Nothing differs.'] : []),
    ].join('\n');
  });
  const versions = `${describeVersion(before)} → ${describeVersion(after)}`;
  const title = `${image}: ${isSame(diff) ? sameVersion(diff) : versions}`;
  return [printable(title), ...tables].join('\n\n');
}

/** The same, with the packages in a fold. */
export function formatDiffAsMarkdown(diff: VersionDiff): string {
  const { image, before, after, platforms } = diff;
  const title = `**${prose(image)}**: `;
  if (isSame(diff)) return title + prose(sameVersion(diff));
  const blocks = blocksOf(diff, factRows);
  const tables = blocks.flatMap((block) => {
    const rows = block.rows.map(([kind, name, old, now]) => {
      return [prose(`${kind} ${name}`), code(old), code(now)];
    });
    const head = blocks.length === 1 ? [] : ['', prose(block.platforms.join(', '))];
    return rows.length === 0 ? [] : [...head, '', ...plainTable(['', 'before', 'after'], rows)];
  });
  const packages = Object.entries(platforms).map(([platform, content]) => {
    return [platform, content.packages] as const;
  });
  return [
    `${title}${prose(describeVersion(before))} → ${prose(describeVersion(after))}`,
    ...tables,
    '',
    formatPackageDifferences(image, Object.fromEntries(packages)),
  ].join('\n');
}

/** What differs, its name, and both values. */
type Row = readonly [kind: string, name: string, before: string, after: string];

/** Groups the platforms that have the same rows. The sizes, which always differ, have a row for each platform. */
function blocksOf(
  { platforms }: VersionDiff,
  rowsOf: (content: ContentDifferences) => readonly Row[],
) {
  const all = Object.entries(platforms).map(([platform, content]) => {
    const { packages } = content;
    const reason = packages.kind === 'unknown' ? packages.reason : undefined;
    return { platform, sizes: sizeRows(platform, content), rows: rowsOf(content), reason };
  });
  const groups = Map.groupBy(all, ({ rows, reason }) => JSON.stringify([rows, reason]));
  return [...groups.values()].flatMap((group) => {
    const sizes = group.flatMap((each) => each.sizes);
    return group.slice(0, 1).map(({ rows, reason }) => {
      return {
        platforms: group.map(({ platform }) => platform),
        rows: [...sizes, ...rows],
        reason,
      };
    });
  });
}

function sizeRows(platform: string, { sizeBytes }: ContentDifferences): readonly Row[] {
  if (sizeBytes === undefined) return [];
  const shown = (size: number | undefined) => (size === undefined ? '' : formatSize(size));
  return [['size', platform, shown(sizeBytes.before), shown(sizeBytes.after)]];
}

function factRows({ base, kernel, labels }: ContentDifferences): readonly Row[] {
  const values = [
    { kind: 'base', name: '', value: base },
    { kind: 'kernel', name: '', value: kernel },
    ...labels.map(({ name, ...value }) => ({ kind: 'label', name, value })),
  ];
  return values.flatMap(({ kind, name, value }): readonly Row[] => {
    if (value === undefined) return [];
    const { before = '', after = '' } = value;
    return [[kind, name, shortDigest(before), shortDigest(after)]];
  });
}

function packageRows({ packages }: ContentDifferences): readonly Row[] {
  if (packages.kind === 'unknown') return [];
  return packages.changes.map((change) => {
    const { kind, before = '', after = '' } = change;
    return [kind, shownName(change), before, after];
  });
}

/** Cuts each digest to as many digits as tables have. */
function shortDigest(text: string): string {
  return text.replaceAll(/(sha\d+:[0-9a-f]{12})[0-9a-f]+/g, '$1');
}

function describeVersion(version: HeldVersion): string {
  const names = [...namesOf(version), `published ${formatDay(version.uploadedAt)}`];
  return `${shortDigest(version.digest)} (${names.join(', ')})`;
}

function isSame({ before, after }: VersionDiff): boolean {
  return before.digest === after.digest;
}

function sameVersion({ after }: VersionDiff): string {
  return `both are the same version, ${describeVersion(after)}`;
}

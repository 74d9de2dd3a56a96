import { splitVersion } from '../packages/compare-versions.ts';
import { KERNEL } from '../packages/diff-contents.ts';
import {
  agreeingPlatforms,
  shownName,
  type PackageChange,
  type PackageDifferences,
} from '../packages/diff-packages.ts';
import { code, html, plainTable, prose } from './markdown.ts';

/** Packages by what a reader wants to know first: the kernel, then what most others depend on. */
const PROMINENT = [
  KERNEL,
  /^openssl$/,
  /^(?:libssl|openssl-libs$|libopenssl)/,
  /^(?:libc6|glibc)$/,
  /^systemd$/,
  /^openssh-server$/,
];

/** The order of changes that are as prominent. */
const KINDS = ['up', 'down', 'changed', 'added', 'removed'];

/**
 * The package differences of an image by platform, as Markdown: tables in a fold, whose summary has the number of
 * packages and the most prominent one.
 */
export function formatPackageDifferences(
  image: string,
  differences: Readonly<Record<string, PackageDifferences>>,
): string {
  const blocks = agreeingPlatforms(differences).map(({ platforms, differences: each }) => {
    const isUnknown = each.kind === 'unknown';
    const changes = isUnknown ? [] : each.changes;
    const body = isUnknown ? [prose(`Unknown: ${each.reason}`)] : changeLines(changes);
    return { where: platforms.join(', '), isUnknown, changes, body };
  });
  const isOne = blocks.length === 1;
  const unknown = blocks.filter(({ isUnknown }) => isUnknown);
  const changes = blocks.flatMap((block) => block.changes);
  const parts = [
    ...(unknown.length < blocks.length ? [describe(changes)] : []),
    ...unknown.map(({ where }) => `package differences unknown${isOne ? '' : ` for ${where}`}`),
  ];
  const summary = `${image}: ${parts.join('; ')}`;
  if (changes.length === 0 && unknown.length === 0) return prose(summary);
  const lines = blocks.flatMap(({ where, body }) => [
    ...(isOne ? [] : ['', prose(where)]),
    '',
    ...body,
  ]);
  return [`<details><summary>${html(summary)}</summary>`, ...lines, '', '</details>'].join('\n');
}

function changeLines(changes: readonly PackageChange[]): readonly string[] {
  if (changes.length === 0) return ['No package changed.'];
  const rows = changes.map((change) => {
    const { kind, before = '', after = '' } = change;
    return [code(shownName(change)), kind, code(before), code(after)];
  });
  return plainTable(['package', 'change', 'before', 'after'], rows);
}

/** How many packages changed, and how the most prominent one did. */
function describe(changes: readonly PackageChange[]): string {
  const [first] = changes.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind),
  );
  if (first === undefined) return 'no package changed';
  const { size } = new Set(changes.map(({ name }) => name));
  return `${size} package${size === 1 ? '' : 's'}, ${shownName(first)} ${describeVersions(first)}`;
}

function rankOf({ name }: PackageChange): number {
  const rank = PROMINENT.findIndex((pattern) => pattern.test(name));
  return rank === -1 ? PROMINENT.length : rank;
}

/** Both versions, without epoch and release where the part between these differs. */
function describeVersions({ kind, before = '', after = '' }: PackageChange): string {
  if (kind === 'added' || kind === 'removed') return `${before}${after} ${kind}`;
  const [old, now] = [splitVersion(before), splitVersion(after)];
  const isShort = old.epoch === now.epoch && old.upstream !== now.upstream;
  return isShort ? `${old.upstream} → ${now.upstream}` : `${before} → ${after}`;
}

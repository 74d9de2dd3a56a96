import { stripVTControlCharacters } from 'node:util';
import { shownName, type PackageDifferences } from '../packages/diff-packages.ts';
import { formatSize } from '../format-size.ts';
import { printable } from '../problem.ts';
import { redact } from '../redact.ts';
import { formatPackageDifferences } from '../review/format-packages.ts';
import type { Section } from '../review/format-summary.ts';
import { code, prose, table } from '../review/markdown.ts';
import type { BuildResult, BuildResults, Built } from './build-results.ts';

/** Lines of its output that a failure shows. */
const SHOWN_LINES = 12;

/** The sections of a note about the builds of its pipeline, as Markdown; none where nothing was to be built. */
export function buildSections({ notBuilt, builds }: BuildResults): readonly Section[] {
  const failures = builds.flatMap((result) => {
    const failure = failureOf(result);
    if (failure === undefined) return [];
    const lines = failure.shown.slice(-SHOWN_LINES).map((line) => code(redact(line, [])));
    const head = prose(redact(`${targetOf(result, builds)} ${failure.reason}`, []));
    return [`- ${head}`, ...lines.map((line) => `  - ${line}`)];
  });
  return [
    notBuilt === undefined ? [] : ['', prose(`Nothing was built here: ${notBuilt}`)],
    failures.length === 0 ? [] : ['', '**Images that fail**', '', ...failures],
    table(
      'Built in this pipeline, and pushed nowhere',
      ['image', 'builds', 'comes up', 'size'],
      builds.map((result) => rowOf(result, builds)),
    ),
    ...differencesOf(builds),
  ];
}

function rowOf(result: BuildResult, all: readonly BuildResult[]): readonly string[] {
  const name = code(targetOf(result, all));
  switch (result.kind) {
    case 'built':
      return [
        name,
        `✓ ${result.isCopy === true ? 'a copy, tried ' : ''}in ${result.seconds} s`,
        startOf(result),
        formatSize(result.size),
      ];
    case 'failed':
      return [name, `✗ ${prose(result.code)}`, '', ''];
    case 'left-out':
      return [name, prose(`not tried: ${result.reason}`), '', ''];
  }
}

function startOf({ start }: Built): string {
  switch (start.kind) {
    case 'up':
      return `✓ ${prose(start.sign)}, after ${start.seconds} s`;
    case 'down':
      return '✗';
    case 'unknown':
      return prose(`not started: ${start.reason}`);
  }
}

/** Why an image does not build, or does not come up; `undefined` where neither is known to have failed. */
export function failureOf(
  result: BuildResult,
): { readonly reason: string; readonly shown: readonly string[] } | undefined {
  if (result.kind === 'failed') {
    const verb = result.isCopy === true ? "can't be copied" : 'does not build';
    return { reason: `${verb}: ${result.reason}`, shown: result.shown };
  }
  if (result.kind === 'left-out' || result.start.kind !== 'down') return undefined;
  return { reason: `does not come up: ${result.start.reason}`, shown: result.start.shown };
}

/** Names the platform where the image is built for several. */
function targetOf(
  { name, platform }: Pick<BuildResult, 'name' | 'platform'>,
  all: readonly BuildResult[],
): string {
  return all.filter((other) => other.name === name).length > 1 ? `${name} for ${platform}` : name;
}

function differencesOf(builds: readonly BuildResult[]): readonly Section[] {
  const built = builds.filter((result) => result.kind === 'built');
  return [...Map.groupBy(built, ({ name }) => name)].map(([name, ofImage]) => {
    const byPlatform = ofImage.map(({ platform, differences }): [string, PackageDifferences] => [
      platform,
      differences,
    ]);
    return ['', ...formatPackageDifferences(name, Object.fromEntries(byPlatform)).split('\n')];
  });
}

/** Changes that a terminal shows; `images diff` has all of what is published. */
const MOST_CHANGES = 40;

/** Text for a terminal. */
export function formatBuildsAsText({ notBuilt, builds }: BuildResults): string {
  if (notBuilt !== undefined) return `Nothing was built: ${notBuilt}`;
  if (builds.length === 0) return 'There is nothing to build.';
  return builds.map(formatBuildAsText).join('\n');
}

/** A line for the build, one for its start, and one for each package that changed. */
export function formatBuildAsText(result: BuildResult): string {
  return linesOf(result).map(plainLine).join('\n');
}

/** What a build prints may control a terminal, and begin a line that a job's log takes for a command. */
function plainLine(line: string): string {
  return printable(stripVTControlCharacters(line).replaceAll(/[\t\n]+/g, ' '));
}

function linesOf(result: BuildResult): readonly string[] {
  const target = `${result.name} for ${result.platform}`;
  const failure = failureOf(result);
  const shown = (failure?.shown ?? []).map((line) => `  | ${line}`);
  switch (result.kind) {
    case 'left-out':
      return [`${target} was not tried: ${result.reason}`];
    case 'failed':
      return [`${target} ${failure?.reason ?? ''}`, ...shown];
    case 'built': {
      const { start, size, seconds, isCopy } = result;
      const up = start.kind === 'up' ? `it is up after ${start.seconds} s: ${start.sign}` : '';
      const started = start.kind === 'unknown' ? `it was not started: ${start.reason}` : up;
      return [
        `${target} ${isCopy === true ? 'is copied as it is' : 'builds'}: ${formatSize(size)} after ${seconds} s`,
        `  ${failure?.reason ?? started}`,
        ...shown,
        ...packageLines(result).map((line) => `  ${line}`),
      ];
    }
  }
}

function packageLines({ packages, differences }: Built): readonly string[] {
  const count =
    packages.kind === 'known'
      ? `${packages.count} package${packages.count === 1 ? '' : 's'}`
      : `packages unknown: ${packages.reason}`;
  if (differences.kind === 'unknown') {
    return packages.kind === 'known'
      ? [`${count}; the differences to what is published are unknown: ${differences.reason}`]
      : [count];
  }
  const { changes } = differences;
  const lines = changes.slice(0, MOST_CHANGES).map((change) => {
    const { kind, before = '', after = '' } = change;
    const isOne = kind === 'added' || kind === 'removed';
    return `  ${shownName(change)} ${isOne ? `${kind}, ${before}${after}` : `${before} → ${after}`}`;
  });
  const others = changes.length - lines.length;
  return [
    `${count}; ${changes.length} changed since what \`latest\` names`,
    ...lines,
    ...(others > 0 ? [`  and ${others} more`] : []),
  ];
}

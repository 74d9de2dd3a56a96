import { code, list, prose, table } from './markdown.ts';
import type { SummarizedForecast } from './parse-forecast.ts';
import { formatSize } from '../format-size.ts';
import { redact } from '../redact.ts';
import type { Diagnostic } from './preview.ts';
import type { AliasMove, ImageChange, PolicyChange, ResourceChange, Summary } from './summarize.ts';

/** Fits a comment on GitHub. A note on GitLab may be longer. */
const MOST_CHARACTERS = 60_000;

/**
 * Formats a summary as Markdown, for a note on a merge request: at most 60,000 characters, without
 * foreign text that a host would take for markup, a mention or a link.
 */
export function formatSummary(
  stack: string,
  summary: Summary,
  forecast: SummarizedForecast | undefined,
): string {
  const { branches, images, aliases, policies, others, diagnostics } = summary;
  const messages = (severity: Diagnostic['severity']) =>
    diagnostics
      .filter((one) => one.severity === severity)
      .map(({ message }) => prose(redact(message, [])));
  const warnings = [...messages('warning'), ...(forecast?.warnings ?? []).map(prose)];
  return fit([
    [`### ${headline(stack, summary)}`],
    list('Supported branches', branches.map(prose)),
    list('Errors', messages('error')),
    list('Warnings', warnings),
    table('Images', ['image', 'what happens', 'why', 'tag'], images.map(imageRow)),
    table('Aliases', ['image', 'alias', 'from', 'to'], aliases.map(aliasRow)),
    table('Clean-up policies', ['policy', 'from', 'to'], policies.map(policyRow)),
    table('Other resources', ['operation', 'resource', 'changed'], others.map(otherRow)),
    ...(forecast === undefined ? [] : forecastSections(forecast)),
  ]);
}

function headline(stack: string, { images, aliases, policies, others, diagnostics }: Summary) {
  const count = (number: number, one: string, many = `${one}s`) =>
    number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  const having = (action: ImageChange['action']) =>
    images.filter((image) => image.action === action).length;
  const parts = [
    ...count(diagnostics.filter(({ severity }) => severity === 'error').length, 'error'),
    ...count(having('build'), 'image to build', 'images to build'),
    ...count(having('adopt'), 'image to adopt', 'images to adopt'),
    ...count(having('leave'), 'image that leaves', 'images that leave'),
    ...count(aliases.length, 'alias that moves', 'aliases that move'),
    ...count(policies.length, 'clean-up policy', 'clean-up policies'),
    ...count(others.length, 'other resource'),
  ];
  return `${code(stack)}: ${parts.length === 0 ? 'nothing changes' : parts.join(', ')}`;
}

const ACTIONS = {
  build: 'is built',
  adopt: 'is there already',
  leave: 'leaves the catalog; what was published stays',
} as const satisfies Record<ImageChange['action'], string>;

function imageRow({ name, action, from, to, platforms, why }: ImageChange): readonly string[] {
  const reasons = why.map(({ input, value }) =>
    value === undefined ? input : `${input}: ${code(shortened(value))}`,
  );
  const unexplained = from === undefined ? 'it is new' : 'the registry does not have it';
  const reason = reasons.length > 0 ? reasons.join(', ') : action === 'leave' ? '' : unexplained;
  const built = platforms.length === 0 ? '' : ` for ${platforms.join(', ')}`;
  const tags = arrow(from, action === 'leave' ? undefined : to);
  return [code(name), `${ACTIONS[action]}${built}`, reason, tags];
}

function arrow(from: string | undefined, to: string | undefined): string {
  const parts = from === to ? [to] : [from, to];
  return parts.flatMap((tag) => (tag === undefined ? [] : [code(tag)])).join(' → ');
}

function aliasRow({ image, alias, from, to }: AliasMove): readonly string[] {
  const shown = (target: string | undefined, otherwise: string) => {
    if (target === undefined) return otherwise;
    return target === '' ? 'what `latest` names' : code(shortened(target));
  };
  const after = to === 'gone' ? 'taken away' : shown(to, 'what is built');
  return [code(image), code(alias), shown(from, ''), after];
}

function policyRow({ id, from, to }: PolicyChange): readonly string[] {
  return [code(id), from === undefined ? 'new' : code(from), to === undefined ? 'goes' : code(to)];
}

function otherRow({ operation, type, name, properties }: ResourceChange): readonly string[] {
  const isLoss = /delete|replace|discard/.test(operation);
  const verb = isLoss ? `⚠ ${prose(operation)}` : prose(operation);
  return [verb, `${code(type)} ${code(name)}`, properties.map(code).join(', ')];
}

function forecastSections({ dryRun, images, missing, unpublished }: SummarizedForecast) {
  const hasPlatforms = images.some(({ entries }) =>
    entries.some(({ platforms }) => platforms.length > 0),
  );
  const rows = images.flatMap(({ image, entries }) =>
    entries.map(({ digest, tags, verdict, goesAt, platforms, sizeBytes }) => {
      const day = goesAt === null ? 'never' : goesAt.slice(0, 'YYYY-MM-DD'.length);
      const names = tags.length > 0 ? tags.map(code).join(', ') : code(shortened(digest));
      const content = [platforms.map(code).join(', '), formatSize(sizeBytes)];
      const fate = [verdict === 'delete' ? '⚠ deleted' : 'kept', day];
      return [code(image), names, ...(hasPlatforms ? content : []), ...fate];
    }),
  );
  const head = ['image', 'version', ...(hasPlatforms ? ['platforms', 'size'] : [])];
  const needs = (unmet: SummarizedForecast['missing']) =>
    unmet.map(({ source, branch, image, tag, digest }) => {
      const version =
        digest === undefined ? [image, tag ?? []].flat().join(':') : `${image}@${digest}`;
      return `${code(`${source} ${branch}`)} needs ${code(shortened(version))}`;
    });
  const mode = dryRun ? 'Retention (dry run: nothing is deleted)' : 'Retention';
  return [
    list('Needed by a supported branch, and lost from the registry', needs(missing)),
    list('Needed by a supported branch, and never published', needs(unpublished)),
    table(mode, [...head, 'verdict', 'goes on'], rows),
  ];
}

/** The first digits of digests tell them apart. */
function shortened(text: string): string {
  return text.replaceAll(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, 'sha256:$1');
}

/** The sections, of which the longest are cut where all of them would be too long. */
function fit(sections: readonly (readonly string[])[]): string {
  const lengthOf = (lines: readonly string[]) =>
    lines.reduce((sum, { length }) => sum + length + 1, 0);
  let left = MOST_CHARACTERS;
  const limits = new Map<readonly string[], number>();
  for (const [at, section] of sections.toSorted((a, b) => lengthOf(a) - lengthOf(b)).entries()) {
    const limit = Math.min(lengthOf(section), Math.floor(left / (sections.length - at)));
    limits.set(section, limit);
    left -= limit;
  }
  const lines = sections.flatMap((section) => cut(section, limits.get(section) ?? 0));
  return [...lines, ''].join('\n');
}

/** The first lines of a section, up to that many characters; its fold is closed all the same. */
function cut(lines: readonly string[], limit: number): readonly string[] {
  let left = limit;
  const end = lines.findIndex((line) => (left -= line.length + 1) < 0);
  if (end < 0) return lines;
  const close = lines.at(-1) === '</details>' ? ['', '</details>'] : [];
  return [...lines.slice(0, end), '', 'There is more than fits here.', ...close];
}

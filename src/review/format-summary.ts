import { fit } from './fit.ts';
import { forecastSections } from './format-forecast.ts';
import { formatReasons } from './format-reasons.ts';
import { code, list, prose, shortened, table } from './markdown.ts';
import type { SummarizedForecast } from './parse-forecast.ts';
import { redact } from '../redact.ts';
import type { Diagnostic } from './preview.ts';
import type { AliasMove, ImageChange, PolicyChange, ResourceChange, Summary } from './summarize.ts';

/** Lines of Markdown that belong together: where a note would be too long, each section is cut by itself. */
export type Section = readonly string[];

/**
 * Formats a summary as Markdown, for a note on a merge request: at most 60,000 characters, without
 * foreign text that a host would take for markup, a mention or a link. `builds` are sections about the images that
 * were built to try them.
 */
export function formatSummary(
  stack: string,
  summary: Summary,
  forecast: SummarizedForecast | undefined,
  builds: readonly Section[] = [],
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
    ...builds,
    table('Aliases', ['image', 'alias', 'from', 'to'], aliases.map(aliasRow(images))),
    table('Clean-up policies', ['policy', 'from', 'to'], policies.map(policyRow)),
    table('Other resources', ['operation', 'resource', 'changed'], others.map(otherRow)),
    ...(forecast === undefined ? [] : forecastSections(forecast, summary)),
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
    ...count(having('copy'), 'image to copy', 'images to copy'),
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
  copy: 'is copied',
  adopt: 'is there already',
  leave: 'leaves the catalog; what was published stays',
} as const satisfies Record<ImageChange['action'], string>;

function imageRow({ name, action, from, to, platforms, why }: ImageChange): readonly string[] {
  const isLeaving = action === 'leave';
  const missing = from === undefined ? 'it is new' : 'the registry does not have it';
  const unexplained = isLeaving ? '' : missing;
  const reason = why.length > 0 ? formatReasons(why) : unexplained;
  const built = platforms.length === 0 ? '' : ` for ${platforms.join(', ')}`;
  const tags = arrow(from, isLeaving ? undefined : to);
  return [code(name), `${ACTIONS[action]}${built}`, reason, tags];
}

function arrow(from: string | undefined, to: string | undefined): string {
  const parts = from === to ? [to] : [from, to];
  return parts.flatMap((tag) => (tag === undefined ? [] : [code(tag)])).join(' → ');
}

function aliasRow(images: readonly ImageChange[]) {
  const copied = new Set(images.flatMap(({ name, action }) => (action === 'copy' ? [name] : [])));
  const shown = (target: string | undefined, otherwise: string) => {
    if (target === undefined) return otherwise;
    return target === '' ? 'what `latest` names' : code(shortened(target));
  };
  return ({ image, alias, from, to }: AliasMove): readonly string[] => {
    const made = copied.has(image) ? 'what is copied' : 'what is built';
    const after = to === 'gone' ? 'taken away' : shown(to, made);
    return [code(image), code(alias), shown(from, ''), after];
  };
}

function policyRow({ id, from, to }: PolicyChange): readonly string[] {
  return [code(id), from === undefined ? 'new' : code(from), to === undefined ? 'goes' : code(to)];
}

function otherRow({ operation, type, name, properties }: ResourceChange): readonly string[] {
  const isLoss = /delete|replace|discard/.test(operation);
  const verb = isLoss ? `⚠ ${prose(operation)}` : prose(operation);
  return [verb, `${code(type)} ${code(name)}`, properties.map(code).join(', ')];
}

import { editAsJson } from './format-proposal.ts';
import { formatTable } from './format-table.ts';
import type { Problem } from '../problem.ts';
import type { CatalogEdit, KeptValue } from '../refresh/edits.ts';
import type { Refresh } from '../refresh/refresh-catalog.ts';

/** The lists `changes`, `tags`, `kept`, `notFollowed` and `passedOver`. */
export function refreshAsJson(file: string, refresh: Refresh, written: boolean) {
  const { notFollowed, passedOver } = refresh;
  const changes = refresh.edits.map((each) => ({ ...editAsJson(file, each), why: each.why }));
  const tags = refresh.tags.map(({ image, from = null, to }) => ({ image, from, to }));
  const kept = refresh.kept.map((each) => {
    return { kind: each.kind, images: each.images, ...problemOf(each, file) };
  });
  return { written, changes, tags, kept, notFollowed, passedOver };
}

/** What happens to the edits. */
const ENDINGS = {
  changed: 'changed',
  proposed: 'to propose',
  stale: 'stale; nothing is written',
} as const;

/** A table of the edits with their reasons, and a table of the tags that change with them. */
export function formatRefreshAsText(
  file: string,
  { edits, kept, notFollowed, passedOver, tags }: Refresh,
  action: keyof typeof ENDINGS,
): string {
  const others = [
    ...(notFollowed.length === 0 ? [] : [`Not followed: ${notFollowed.join(', ')}.`]),
    ...passedOver.map((problem) => `A newer build is not published as a whole yet: ${problem}.`),
  ]
    .map((line) => `\n${line}`)
    .join('');
  if (edits.length === 0) {
    return `${file} ${kept.length === 0 ? 'is fresh' : 'stays as it is'}.${others}`;
  }
  const rows = edits.map((edit) => rowOf(edit, file));
  const tagRows = tags.map(({ image, from, to }) => [image, from ?? 'none', to]);
  const values = edits.length === 1 ? '1 value' : `${edits.length} values`;
  return [
    formatTable(['PLACE', 'WHAT', 'OLD', 'NEW', 'WHY'], rows),
    formatTable(['IMAGE', 'OLD TAG', 'NEW TAG'], tagRows),
    `${file}: ${values} ${ENDINGS[action]}.${others}`,
  ].join('\n\n');
}

function rowOf(
  { kind, written, from = 'none', to, why = '' }: CatalogEdit,
  file: string,
): string[] {
  const [old = '', now = ''] =
    kind === 'url' ? firstDifference(from, to) : [from, to].map(shortValue);
  return [`${file}:${written.line}`, kind, old, now, why];
}

/** The first part in which two URLs differ, such as the folders of two builds. */
function firstDifference(from: string, to: string): readonly string[] {
  const [old = [], now = []] = [from, to].map((url) => url.split('/'));
  const at = old.findIndex((part, index) => part !== now[index]);
  return [old[at] ?? '', now[at] ?? ''];
}

/** Enough to tell digests apart, and the file of a new disk. The catalog and the JSON have all of it. */
export function shortValue(text: string): string {
  const [url = ''] = /^https?:\S+/.exec(text) ?? [];
  return url === '' ? text.slice(0, 'sha256:'.length + 12) : url.slice(url.lastIndexOf('/') + 1);
}

/** Problems for the values that should have changed and did not, at their places. */
export function keptProblems({ kept }: Refresh, file: string): readonly Problem[] {
  return kept.map((each) => {
    const problem = `the ${each.kind} of ${each.images.join(', ')} stays: ${each.problem}`;
    return { ...problemOf(each, file), problem };
  });
}

function problemOf({ code, written, problem, remedy }: KeptValue, file: string): Problem {
  const { line, column, path = '' } = written ?? {};
  return { code, file, path, problem, remedy, line, column };
}

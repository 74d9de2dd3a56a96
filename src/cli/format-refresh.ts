import { formatTable } from './format-table.ts';
import type { Problem } from '../problem.ts';
import type { Change, Kept } from '../refresh/changes.ts';
import type { Refresh } from '../refresh/refresh-catalog.ts';

/** A refresh with the catalog it is of. */
export interface RefreshedFile {
  readonly file: string;
  readonly refresh: Refresh;
  /** False for a look that changes nothing. */
  readonly isWritten: boolean;
}

/** An object with the lists `changes`, `tags`, `kept` and `notFollowed`; `from` is null where nothing was before. */
export function formatRefreshAsJson({ file, refresh, isWritten }: RefreshedFile): string {
  const changes = refresh.changes.map((change) => {
    const { kind, written, images, from = null, to, why } = change;
    const { path, line, column } = written;
    return { kind, file, line, column, path, images, from, to, why };
  });
  const tags = refresh.tags.map(({ image, from = null, to }) => ({ image, from, to }));
  const kept = refresh.kept.map((each) => {
    const { kind, images } = each;
    return { kind, images, ...problemOf(each, file) };
  });
  const { notFollowed } = refresh;
  return JSON.stringify({ written: isWritten, changes, tags, kept, notFollowed }, null, 2);
}

/** What changes in the catalog and why, and which tags become others by it. */
export function formatRefreshAsText({ file, refresh, isWritten }: RefreshedFile): string {
  const { changes, kept, notFollowed, tags } = refresh;
  const others = notFollowed.length === 0 ? '' : `\nNot followed: ${notFollowed.join(', ')}.`;
  if (changes.length === 0) {
    return `${file} ${kept.length === 0 ? 'is fresh' : 'stays as it is'}.${others}`;
  }
  const rows = changes.map((change) => rowOf(change, file));
  const tagRows = tags.map(({ image, from, to }) => [image, from ?? 'none', to]);
  return [
    formatTable(['PLACE', 'WHAT', 'OLD', 'NEW', 'WHY'], rows),
    formatTable(['IMAGE', 'OLD TAG', 'NEW TAG'], tagRows),
    `${file}: ${changes.length} ${changes.length === 1 ? 'value' : 'values'} ${isWritten ? 'changed' : 'stale; nothing is written'}.${others}`,
  ].join('\n\n');
}

function rowOf({ kind, written, from = 'none', to, why }: Change, file: string): string[] {
  const [old, now] = kind === 'url' ? firstDifference(from, to) : [from, to].map(shortDigest);
  return [`${file}:${written.line}`, kind, old ?? '', now ?? '', why];
}

/** Of two URLs, the first part of each that the other has not, such as the folders of two builds. */
function firstDifference(from: string, to: string): readonly string[] {
  const parts = [from, to].map((url) => url.split('/'));
  const [old = [], now = []] = parts;
  const at = old.findIndex((part, index) => part !== now[index]);
  return parts.map((each) => each[at] ?? '');
}

/** Enough of a digest to tell it; the whole of it is in the file, and in the JSON. */
function shortDigest(text: string): string {
  return text.slice(0, 'sha256:'.length + 12);
}

/** What stays although it should have changed, as problems at their places. */
export function keptProblems({ kept }: Refresh, file: string): readonly Problem[] {
  return kept.map((each) => {
    const problem = problemOf(each, file);
    const whose = each.images.join(', ');
    return { ...problem, problem: `the ${each.kind} of ${whose} stays: ${problem.problem}` };
  });
}

function problemOf({ code, written, problem, remedy }: Kept, file: string): Problem {
  const { line, column, path = '' } = written ?? {};
  return {
    ...{ code, file, path, problem, remedy },
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}

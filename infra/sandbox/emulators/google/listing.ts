import { invalidArgument } from './api-error.ts';

/** The query parameters of every listing. */
export const PAGE_PARAMETERS = ['pageSize', 'pageToken'] as const;

const LARGEST_PAGE = 1000;

/**
 * One page of a listing in the field `field`: `pageSize` items (100 if absent, 1000 at most), and
 * the token of the next page, absent on the last.
 */
export function listing(
  field: string,
  items: readonly object[],
  query: ReadonlyMap<string, string>,
): object {
  const size = Number(query.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) throw invalidArgument('page_size is no count');
  const start = parseToken(query.get('pageToken') ?? '');
  const end = start + Math.min(size === 0 ? 100 : size, LARGEST_PAGE);
  const next = Buffer.from(`from ${end}`).toString('base64url');
  return { [field]: items.slice(start, end), nextPageToken: end < items.length ? next : undefined };
}

function parseToken(token: string): number {
  if (token === '') return 0;
  const [, start] = /^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (start === undefined) throw invalidArgument('Invalid page token.');
  return Number(start);
}

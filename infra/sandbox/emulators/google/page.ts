import { invalidArgument } from './api-error.ts';

/** The query parameters of every listing. */
export const PAGE_PARAMETERS = ['pageSize', 'pageToken'] as const;

const LARGEST_PAGE = 1000;

/**
 * One page of a listing: `pageSize` items (`usual` if absent, 1000 at most, whatever is asked for),
 * and the token for the next one, absent on the last.
 */
export function page<T>(
  items: readonly T[],
  query: ReadonlyMap<string, string>,
  usual = 100,
): { items: readonly T[]; nextPageToken?: string } {
  const size = Number(query.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) throw invalidArgument('page_size is no count');
  const start = parseToken(query.get('pageToken') ?? '');
  const end = start + Math.min(size === 0 ? usual : size, LARGEST_PAGE);
  return {
    items: items.slice(start, end),
    ...(end < items.length && { nextPageToken: Buffer.from(`from ${end}`).toString('base64url') }),
  };
}

function parseToken(token: string): number {
  if (token === '') return 0;
  const [, start] = /^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (start === undefined) throw invalidArgument('Invalid page token.');
  return Number(start);
}

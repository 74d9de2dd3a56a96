import { route, type Route } from './router.ts';

/** One call of a Google method. */
interface Seen {
  readonly method: string;
  /** With the query, but without a token that is in it. */
  readonly path: string;
}

/** How many are remembered. */
const MOST_REQUESTS = 10_000;

export interface RequestLog {
  /** Returns what is written down, as `METHOD path`. */
  note(method: string, url: URL): string;
  readonly routes: readonly Route[];
}

/** `GET /emulator/v1/requests`: the calls since the start, or since a `DELETE`. Oldest first. */
export function createRequestLog(): RequestLog {
  const seen: Seen[] = [];
  return {
    note(method, { pathname, searchParams }) {
      const query = new URLSearchParams(searchParams);
      for (const secret of ['access_token', 'oauth_token', 'key']) query.delete(secret);
      const path = `${pathname}${query.size > 0 ? `?${query.toString()}` : ''}`;
      seen.push({ method, path });
      if (seen.length > MOST_REQUESTS) seen.shift();
      return `${method} ${path}`;
    },
    routes: [
      route('GET', 'emulator/v1/requests', () => ({ requests: seen })),
      route('DELETE', 'emulator/v1/requests', () => {
        seen.length = 0;
        return {};
      }),
    ],
  };
}

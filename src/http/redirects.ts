import { plainUrl, withoutAccount } from '../url.ts';
import { UnwantedResponse } from './http-failure.ts';

/** Names the program to servers. */
export const USER_AGENT = 'kubernetes-ci-images';

const MOST_REDIRECTS = 10;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether a redirect to a URL is followed. */
export type MayRedirect = (target: URL) => boolean;

interface Hop<Response> {
  readonly response: Response;
  readonly status: number;
  readonly location: string | null | undefined;
  /** Gives up a response whose body is not needed. */
  readonly close: () => unknown;
}

/**
 * Calls `send` for a URL, and for each that a redirect leads to, without the account that it may have. Returns
 * the last response, of a redirect that leads nowhere or has no end this one. `authorization` goes to the URL's own origin, up to the first redirect that leads
 * elsewhere: from there on, other servers choose the URLs. Throws an UnwantedResponse where `mayRedirect` is false.
 * Without `mayRedirect`, the first response is the last.
 */
export async function followRedirects<Response>(
  start: URL,
  authorization: string | undefined,
  mayRedirect: MayRedirect | undefined,
  send: (url: URL, authorization: string | undefined) => Promise<Hop<Response>>,
): Promise<Response> {
  let credentials = authorization;
  for (let url = start, count = 0; ; count += 1) {
    if (url.origin !== start.origin) credentials = undefined;
    const hop = await send(withoutAccount(url), credentials);
    const { response, status, location } = hop;
    const target = URL.parse(location ?? '', url.href);
    if (mayRedirect === undefined || !REDIRECTS.has(status) || !location) return response;
    if (target === null || count === MOST_REDIRECTS) return response;
    await hop.close();
    if (!mayRedirect(target)) {
      throw new UnwantedResponse('redirected', `it redirects to ${plainUrl(target.href)}`);
    }
    url = target;
  }
}

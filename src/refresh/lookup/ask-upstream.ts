import pLimit, { type LimitFunction } from 'p-limit';
import {
  countTries,
  failureRemedy,
  fetchWithRetry,
  type HttpFailure,
  type HttpOptions,
} from '../../http/fetch-with-retry.ts';
import { isSecure } from '../../url.ts';
import { type Ask, SourceError } from '../publishers/publisher.ts';

/** Requests to one host at the same time. */
const AT_ONCE = 4;

/** Bytes: the longest list of a publisher that is followed has about 200 kB. */
const LARGEST = 5_000_000;

interface Host {
  readonly limit: LimitFunction;
  /** Why there are no further requests. */
  lasting?: SourceError;
}

/**
 * Gets lists and checksum files from publishers' servers: each once, with retries. A host that can't be
 * reached, or limits the rate, gets no further requests once that is known.
 */
export function askUpstream(options: HttpOptions = {}): Ask {
  const hosts = new Map<string, Host>();
  const texts = new Map<string, Promise<string | undefined>>();
  return (url) => {
    const text = texts.get(url) ?? fromHost(new URL(url));
    texts.set(url, text);
    return text;
  };

  async function fromHost(url: URL): Promise<string | undefined> {
    if (!isSecure(url)) throw unsafe(url.href);
    const host = hosts.get(url.host) ?? { limit: pLimit(AT_ONCE) };
    hosts.set(url.host, host);
    return host.limit(async () => {
      if (host.lasting !== undefined) throw notTried(url, host.lasting);
      const headers = { 'accept-encoding': 'identity' };
      const request = { url, headers, largestBody: LARGEST, mayRedirect: isSecure };
      const result = await fetchWithRetry(request, options);
      if ('failure' in result) {
        const error = failureError(url, result);
        if (error.code === 'SOURCE_UNREACHABLE') host.lasting = error;
        throw error;
      }
      const { status, bytes, tries } = result;
      if (status === 200) return bytes.toString();
      if (status === 404 || status === 410) return undefined;
      const error = unreachable(`${url.href} answered ${status} (${countTries(tries)})`);
      if (status === 429) host.lasting = error;
      throw error;
    });
  }
}

function failureError({ href }: URL, result: HttpFailure): SourceError {
  const { failure, reason, tries } = result;
  switch (failure) {
    case 'redirected':
      return unsafe(href, reason);
    case 'too large':
      return new SourceError(
        'SOURCE_TOO_LARGE',
        `${href} has more than ${LARGEST} bytes`,
        'look at what is there: no list of builds or checksums is that long',
      );
    default:
      return unreachable(`${href} can't be read: ${reason} (${countTries(tries)})`, result);
  }
}

function unreachable(problem: string, result?: HttpFailure): SourceError {
  const remedy = "try again later; should it last, look for the publisher's new address";
  return new SourceError(
    'SOURCE_UNREACHABLE',
    problem,
    result === undefined ? remedy : failureRemedy(result, remedy),
  );
}

function unsafe(href: string, reason = 'it is not https'): SourceError {
  return new SourceError(
    'SOURCE_UNSAFE',
    `${href} is not safe: ${reason}, so anybody on the way could name another build`,
    'pin the build at an address that begins with https://',
  );
}

function notTried(url: URL, { code, problem, remedy }: SourceError): SourceError {
  const reason = `${url.href} was not tried, since another failed: ${problem}`;
  return new SourceError(code, reason, remedy);
}

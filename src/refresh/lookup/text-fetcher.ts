import pLimit, { type LimitFunction } from 'p-limit';
import { fetchWithRetry, type HttpOptions } from '../../http/fetch-with-retry.ts';
import { countTries, type HttpFailure } from '../../http/http-failure.ts';
import { responseRemedy, type ResponseRemedy } from '../../http/response-remedy.ts';
import { isRateLimit } from '../../http/retry.ts';
import { isSecure } from '../../url.ts';
import { type FetchText, type IsThere, PublisherError } from '../publishers/publisher.ts';

/** Requests to one host at the same time. */
const AT_ONCE = 4;

/** Bytes: the longest list of a publisher that is followed has about 200 kB. */
const LARGEST = 5_000_000;

interface Host {
  readonly limit: LimitFunction;
  /** Why there are no further requests. */
  lasting?: PublisherError;
}

/**
 * Gets lists and checksum files from publishers' servers: each once, with retries. A host that can't be
 * reached, or limits the rate, gets no further requests once that is known.
 */
export function textFetcher(options: HttpOptions = {}): FetchText {
  const hosts = new Map<string, Host>();
  const texts = new Map<string, Promise<string | undefined>>();
  return (url) => {
    const text = texts.get(url) ?? fromHost(new URL(url));
    texts.set(url, text);
    return text;
  };

  async function fromHost(url: URL): Promise<string | undefined> {
    const { href } = url;
    if (!isSecure(url)) throw unsafe(href, 'it is not https');
    const host = hosts.get(url.host) ?? { limit: pLimit(AT_ONCE) };
    hosts.set(url.host, host);
    return host.limit(async () => {
      if (host.lasting !== undefined) {
        const { code, problem, remedy } = host.lasting;
        const reason = `${href} was not tried, since another failed: ${problem}`;
        throw new PublisherError(code, reason, remedy);
      }
      const headers = { 'accept-encoding': 'identity' };
      const request = { url, headers, largestBody: LARGEST, mayRedirect: isSecure };
      const result = await fetchWithRetry(request, options);
      if ('failure' in result) {
        const error = failureError(href, result);
        if (error.code === 'SOURCE_UNREACHABLE') host.lasting = error;
        throw error;
      }
      const { status, bytes, tries } = result;
      if (status === 200) return bytes.toString();
      if (ABSENT.includes(status)) return undefined;
      const problem = `${href} answered ${status} (${countTries(tries)})`;
      const error = new PublisherError(
        'SOURCE_UNREACHABLE',
        problem,
        responseRemedy(REFUSED, result) ?? NEW_ADDRESS,
        REFUSAL.includes(status) && !isRateLimit(result),
      );
      if (isRateLimit(result)) host.lasting = error;
      throw error;
    });
  }
}

/** Looks for files at publishers' servers by their first byte: not each server takes HEAD for GET. */
export function fileProbe(options: HttpOptions = {}): IsThere {
  const limit = pLimit(AT_ONCE);
  const headers = { range: 'bytes=0-0' };
  const request = { headers, largestBody: 1, mayBeCut: true, mayRedirect: isSecure };
  return async (url) => {
    const result = await limit(() => fetchWithRetry({ ...request, url: new URL(url) }, options));
    if ('failure' in result || isRateLimit(result)) return true;
    const { status, bytes } = result;
    if ([...ABSENT, ...REFUSAL, NO_FIRST_BYTE].includes(status)) return false;
    return status >= 300 || bytes.length > 0;
  };
}

const ABSENT = [404, 410];

const REFUSAL = [401, 403];

/** "Range Not Satisfiable": the file is empty. */
const NO_FIRST_BYTE = 416;

const TRY_LATER = "try again later; should it last, look for the publisher's new address";

const NEW_ADDRESS = "look for the publisher's new address";

const REFUSED: readonly ResponseRemedy[] = [
  { status: /429|5../, remedy: 'try again later' },
  {
    status: /401|403/,
    remedy: "let this machine read it (see its proxy), or look for the publisher's new address",
  },
];

function failureError(href: string, result: HttpFailure): PublisherError {
  const { failure, reason, tries } = result;
  if (failure === 'redirected') return unsafe(href, reason);
  if (failure === 'too large') {
    const remedy = 'look at what is there: no list of builds or checksums is that long';
    return new PublisherError('SOURCE_TOO_LARGE', `${href} has more than ${LARGEST} bytes`, remedy);
  }
  const problem = `${href} can't be read: ${reason} (${countTries(tries)})`;
  return new PublisherError('SOURCE_UNREACHABLE', problem, result.remedy ?? TRY_LATER);
}

function unsafe(href: string, reason: string): PublisherError {
  return new PublisherError(
    'SOURCE_UNSAFE',
    `${href} is not safe: ${reason}, so anybody on the way could name another build`,
    'pin the build at an address that begins with https://',
  );
}

import { httpFailure, UnwantedResponse, type HttpFailure } from './http-failure.ts';
import { proxyRefusal, throughProxy } from './proxies.ts';
import { readUpTo } from './read-up-to.ts';
import { followRedirects, USER_AGENT, type MayRedirect } from './redirects.ts';
import { isRetryable, retry, retryAfter, type RetryOptions } from './retry.ts';

/** A request that may be sent more than once. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** The Authorization header. Redirects take it to no other origin. An account in a URL is not sent. */
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Bytes that a response may have. */
  readonly largestBody: number;
  /** Takes the first bytes of a longer response. */
  readonly mayBeCut?: boolean;
  /** Where redirects may lead. Absent: a redirect is returned as the response. */
  readonly mayRedirect?: MayRedirect;
}

/** What a request goes out with. All of it has a default. */
export interface HttpOptions extends RetryOptions {
  /** Milliseconds for one try, its body included. */
  readonly timeout?: number;
  /** Ends the request: its reason is thrown. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
}

/** A response, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** The origin of the URL that the last redirect led to. */
  readonly origin: string;
  readonly headers: Headers;
  /** The whole body; that of an error is cut off where it gets long. */
  readonly bytes: Buffer<ArrayBuffer>;
  readonly tries: number;
}

/** Bytes of an error's body. */
const LARGEST_ERROR = 16_384;

const TIMEOUT = 30_000;

/**
 * Sends a request until there is a response that another try would not better, whatever its status.
 * Returns failures, so that the caller names them. Throws the reason of `signal` only.
 */
export async function fetchWithRetry(
  request: HttpRequest,
  options: HttpOptions = {},
): Promise<HttpResponse | HttpFailure> {
  const { result } = await retry(async (tries) => {
    options.signal?.throwIfAborted();
    try {
      const response = { ...(await fetchOnce(request, options)), tries };
      const isFinal = !isRetryable(response);
      return { result: response, isFinal, retryAfter: retryAfter(response) };
    } catch (cause) {
      options.signal?.throwIfAborted();
      const result = httpFailure(cause, tries);
      return { result, isFinal: result.failure !== 'unreachable' };
    }
  }, options);
  return result;
}

async function fetchOnce(request: HttpRequest, options: HttpOptions) {
  const { fetch = globalThis.fetch, signal, timeout = TIMEOUT } = options;
  const { method = 'GET', url, body, largestBody } = request;
  const timeLimit = AbortSignal.timeout(timeout);
  const { response, origin } = await followRedirects(
    url,
    request.authorization,
    request.mayRedirect,
    async (target, authorization) => {
      const headers = new Headers({ 'user-agent': USER_AGENT, ...request.headers });
      if (authorization !== undefined) headers.set('authorization', authorization);
      const sent = await throughProxy(target, () =>
        fetch(target, {
          method,
          headers,
          body,
          redirect: 'manual',
          signal: signal === undefined ? timeLimit : AbortSignal.any([signal, timeLimit]),
        }),
      );
      // Only a proxy responds so.
      if (sent.status === 407) throw proxyRefusal(407);
      const location = sent.headers.get('location');
      const last = { response: sent, origin: target.origin };
      return { response: last, status: sent.status, location, close: () => sent.body?.cancel() };
    },
  );
  const { status, headers, ok } = response;
  // The body belongs to the try: a connection can break in the middle of it.
  const received = (response.body ?? []) as AsyncIterable<Uint8Array>;
  const bytes = await readUpTo(received, ok ? largestBody : LARGEST_ERROR);
  if (ok && bytes.byteLength > largestBody && request.mayBeCut !== true) {
    throw new UnwantedResponse('too large', `the response has more than ${largestBody} bytes`);
  }
  return { status, origin, headers, bytes };
}

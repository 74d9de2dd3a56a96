import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpResponse } from './fetch-with-retry.ts';
import { proxyRefusal, throughProxy } from './proxies.ts';
import { readUpTo } from './read-up-to.ts';
import { USER_AGENT } from './redirects.ts';

interface UploadOptions {
  /** Bytes of the body, which has exactly as many. */
  readonly size: number;
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds in which nothing may be sent or come. */
  readonly idleTimeout: number;
}

/** Bytes of a response, of which the rest is not read. */
const LARGEST_ANSWER = 16_384;

/**
 * Sends a body that is too large for memory by PUT, once. Returns the response, whatever its status, which may come
 * before all of the body is sent. Ends `body`.
 *
 * Not by `fetch`, for the reason that `openDownload` states.
 */
export async function uploadStream(
  url: URL,
  body: Readable,
  options: UploadOptions,
): Promise<Omit<HttpResponse, 'tries'>> {
  return throughProxy(url, () => put(url, body, options));
}

async function put(url: URL, body: Readable, options: UploadOptions) {
  const { size, authorization, signal, idleTimeout } = options;
  const client = url.protocol === 'https:' ? https : http;
  const headers: http.OutgoingHttpHeaders = {
    'content-type': 'application/octet-stream',
    'content-length': size,
    'user-agent': USER_AGENT,
  };
  if (authorization !== undefined) headers.authorization = authorization;
  const request = client.request(url, { method: 'PUT', headers, signal, timeout: idleTimeout });
  request.on('timeout', () => request.destroy(new Error('nothing was taken any more')));
  const meter = exactly(size);
  // The first error is the reason: with it, all the others end.
  let reason: Error | undefined;
  for (const stream of [meter, request]) stream.once('error', (error) => (reason ??= error));
  body.once('error', ({ message }) => {
    // The error has no cause: it would be taken for that of the upload.
    reason ??= new Error(`what was to be sent broke off: ${message}`);
  });
  const sent = pipeline(body, meter, request).catch(() => undefined);
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode === 407) throw proxyRefusal(407);
    return { ...(await readResponse(response)), origin: url.origin };
  } catch (error) {
    throw reason ?? error;
  } finally {
    request.destroy();
    body.destroy();
    await sent;
  }
}

/** Passes exactly so many bytes on: none of another body must be left on the connection. */
function exactly(size: number): Transform {
  const wrong = () => new Error(`what was to be sent has not the ${size} bytes that it should`);
  let read = 0;
  return new Transform({
    transform(piece: Buffer, _, done) {
      read += piece.byteLength;
      if (read > size) done(wrong());
      else done(null, piece);
    },
    flush(done) {
      done(read === size ? null : wrong());
    },
  });
}

async function readResponse(response: IncomingMessage) {
  const bytes = await readUpTo(response, LARGEST_ANSWER);
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return { status: response.statusCode ?? 0, headers, bytes };
}

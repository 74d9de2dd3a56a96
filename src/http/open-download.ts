import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { addAbortSignal } from 'node:stream';
import { proxyRefusal, throughProxy } from './proxies.ts';
import { followRedirects, USER_AGENT } from './redirects.ts';

interface DownloadOptions {
  /** The Authorization header. */
  readonly authorization?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds in which a server may send nothing. */
  readonly idleTimeout: number;
}

/**
 * Starts the download of a large file, once: the response at the end of all redirects, whatever its
 * status. Its body is still to be read, and fails if it breaks off. A redirect may lead to plain http,
 * as those of mirrors do: the checksum vouches for the content.
 *
 * Not by `fetch`: when a server closes the connection while its response is read slower than it comes,
 * as large files are, that ends the whole process (nodejs/undici#5360).
 */
export async function openDownload(url: URL, options: DownloadOptions): Promise<IncomingMessage> {
  const isHttp = ({ protocol }: URL) => protocol === 'https:' || protocol === 'http:';
  return followRedirects(url, options.authorization, isHttp, async (target, authorization) => {
    const response = await throughProxy(target, () => get(target, { ...options, authorization }));
    const { statusCode: status = 0, headers } = response;
    return { response, status, location: headers.location, close: () => response.destroy() };
  });
}

async function get(url: URL, { authorization, signal, idleTimeout }: DownloadOptions) {
  const client = url.protocol === 'https:' ? https : http;
  const headers: OutgoingHttpHeaders = {
    // The checksum is that of the bytes as they are published.
    'accept-encoding': 'identity',
    'user-agent': USER_AGENT,
  };
  if (authorization !== undefined) headers.authorization = authorization;
  const request = client.get(url, { headers, signal, timeout: idleTimeout });
  // Once the response has begun, its body fails.
  request.on('error', () => undefined);
  let stream: { destroy: (error: Error) => unknown } = request;
  request.on('timeout', () => stream.destroy(new Error('nothing came any more')));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  stream = response;
  // Only a proxy responds so. To a request by TLS, the error of the tunnel says it.
  if (response.statusCode === 407) {
    response.destroy();
    throw proxyRefusal(407);
  }
  return signal === undefined ? response : addAbortSignal(signal, response);
}

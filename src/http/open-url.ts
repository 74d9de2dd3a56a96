import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { addAbortSignal } from 'node:stream';

const MOST_REDIRECTS = 10;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The answer to a GET, whatever its status, at the end of all redirects; its body is still to be read,
 * and fails if it breaks off. A redirect may lead to plain http, as those of mirrors do: the checksum
 * vouches for the content.
 *
 * Not by `fetch`: when a server closes the connection while its answer is read slower than it comes,
 * as large files are, that ends the whole process (nodejs/undici#5360).
 *
 * @param refuse throws for a URL that a redirect must not lead to
 * @param authorization the header of that name, in place of the URL's account
 */
export async function openUrl(
  address: string,
  signal: AbortSignal,
  refuse: (url: URL) => void = () => undefined,
  authorization?: string,
): Promise<IncomingMessage> {
  const start = new URL(address);
  const known = authorization ?? accountOf(start);
  for (let url = start, count = 0; ; count += 1) {
    // Whoever it leads to is not told who asks.
    const answer = await ask(url, url.origin === start.origin ? known : undefined, signal);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return answer;
    answer.destroy();
    if (count === MOST_REDIRECTS) throw new Error(`more than ${String(MOST_REDIRECTS)} redirects`);
    url = new URL(location, url);
    refuse(url);
  }
}

async function ask(
  url: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = {
    // The checksum is that of the bytes as they are published.
    'accept-encoding': 'identity',
    'user-agent': 'kubernetes-ci-images',
    ...(authorization !== undefined && { authorization }),
  };
  const { protocol, hostname, port, pathname, search } = url;
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error(`it leads to ${protocol}`);
  const client = protocol === 'https:' ? https : http;
  // Without the account, which Node would send by itself.
  const host = hostname.replace(/^\[|\]$/g, '');
  const request = client.get({ host, port, path: pathname + search, headers, signal });
  // Once the answer has begun, it is its body that fails.
  request.on('error', () => undefined);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return addAbortSignal(signal, answer);
}

/** The header for the account of a URL that has one. */
function accountOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const account = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(account).toString('base64')}`;
}

/** Whether a URL's host (`127.0.0.0/8`, `localhost`, `[::1]`) never leaves the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Over https, or within this machine: nobody on the way can read or change what is sent. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether a text is such an address, so that a secret may be sent there. */
export function isSecureAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isSecure(url);
}

/** A part of a URL without its percent encoding; `undefined` where that is broken. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A URL as messages may show it: without its account, and without a query that may hold a signature. */
export function plainUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "a URL that can't be read" : `${url.protocol}//${url.host}${url.pathname}`;
}

/** A URL without the account that it may have. */
export function withoutAccount(url: URL | string): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

/** The value of a `Basic` Authorization header (RFC 7617, UTF-8). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A URL as messages may show it: credentials, and a query that may hold a signature, are left out. */
export function plainUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return 'a URL that can’t be read';
  return `${url.protocol}//${url.host}${url.pathname}`;
}

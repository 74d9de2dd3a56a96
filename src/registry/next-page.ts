/**
 * The next page that a `Link` header names (RFC 8288; OCI distribution spec, "Listing tags");
 * `undefined` on the last one. Always at the origin of `current`, whatever host the header names: a
 * registry behind a proxy names one that only the proxy can reach, and nobody may take us elsewhere.
 */
export function nextPage(link: string | null, current: URL): URL | undefined {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(parameters)) continue;
    const next = URL.parse(target, current.href);
    return next === null ? undefined : new URL(`${next.pathname}${next.search}`, current.origin);
  }
  return undefined;
}

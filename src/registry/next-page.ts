import { RegistryError } from './registry-error.ts';

/**
 * The next page that a `Link` header names (RFC 8288; OCI distribution spec, "Listing tags");
 * `undefined` on the last one. Always at the origin of `current`, whatever host the header names: a
 * registry behind a proxy names one that only the proxy can reach, and nobody may take us elsewhere.
 * Throws `REGISTRY_ANSWER` for one that is no address: a list that ends early must not pass for whole.
 */
export function nextPage(link: string | null, current: URL): URL | undefined {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(parameters)) continue;
    const next = URL.parse(target, current.href);
    if (next === null || !/^https?:$/.test(next.protocol)) {
      const problem = `the next page of ${current.origin}${current.pathname} is no address`;
      throw new RegistryError('REGISTRY_ANSWER', problem, 'look at what answers there');
    }
    // Part by part: a path that begins with two slashes would be read as another host.
    const page = new URL(current.origin);
    page.pathname = next.pathname;
    page.search = next.search;
    return page;
  }
  return undefined;
}

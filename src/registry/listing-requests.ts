import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseRepository, parseTag, type Registry, type Repository } from '../image-reference.ts';
import { RegistryError } from './registry-error.ts';
import type { RegistrySession, SessionRequest } from './registry-session.ts';

// Registries written in Go have `null` for an empty list.
const TagsPage = z
  .object({ tags: z.array(z.string()).nullish() })
  .transform(({ tags }) => tags ?? []);
const RepositoriesPage = z
  .object({ repositories: z.array(z.string()).nullish() })
  .transform(({ repositories }) => repositories ?? []);

const PAGE_LENGTH = 1000;
const MOST_PAGES = 1000;
const LARGEST_PAGE = 5_000_000;

type Listing = Pick<SessionRequest, 'url' | 'scope' | 'purpose'>;

/** The requests that list (OCI distribution spec, "Listing tags"; `_catalog` is distribution's own). */
export function listingRequests(session: RegistrySession, registry: Registry) {
  /** `undefined` when the registry has no such list. */
  async function list(listing: Listing, page: z.ZodType<string[]>): Promise<string[] | undefined> {
    const names = new Set<string>();
    let url: URL | undefined = listing.url;
    for (let pages = 0; url !== undefined; pages += 1) {
      if (pages === MOST_PAGES) throw unreadable(listing, 'its pages have no end');
      const response = await session.find({ ...listing, url, largestBody: LARGEST_PAGE });
      if (response === undefined && pages === 0) return undefined;
      if (response === undefined) throw unreadable(listing, 'one of its pages is missing');
      const found = page.safeParse(parseJson(response.bytes));
      if (!found.success) throw unreadable(listing, 'it answered something else');
      for (const name of found.data) names.add(name);
      url = nextPage(response.headers.get('link'), url);
    }
    return [...names];
  }

  return {
    async listTags(repository: Repository) {
      const url = new URL(`/v2/${repository}/tags/list?n=${PAGE_LENGTH}`, session.origin);
      const purpose = `list the tags of ${registry}/${repository}`;
      const names = await list({ url, scope: `repository:${repository}:pull`, purpose }, TagsPage);
      return names?.map(parseTag).filter((tag) => tag !== undefined);
    },
    async listRepositories() {
      const url = new URL(`/v2/_catalog?n=${PAGE_LENGTH}`, session.origin);
      const purpose = `list the repositories of ${registry}`;
      const names = await list({ url, scope: 'registry:catalog:*', purpose }, RepositoriesPage);
      if (names === undefined) throw unreadable({ purpose }, 'it has no listing');
      return names.map(parseRepository).filter((repository) => repository !== undefined);
    },
  };
}

function unreadable({ purpose }: Pick<Listing, 'purpose'>, why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `could not ${purpose}: ${why}`,
    'check that the address is that of a registry which allows it',
  );
}

/**
 * The next page that a `Link` header names (RFC 8288; OCI distribution spec, "Listing tags");
 * `undefined` on the last one. Always at the origin of `current`, whatever host the header names: a
 * registry behind a proxy names one that only the proxy can reach, and the token is for one host.
 * Throws a RegistryError for a link that is no address: a list that ends early must not pass for whole.
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

import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseRepository, parseTag, type Registry, type Repository } from '../image-reference.ts';
import { nextPage } from './next-page.ts';
import { RegistryError } from './registry-error.ts';
import type { RegistrySession, Request } from './registry-session.ts';

// `null` is how registries written in Go say "none".
const TagsPage = z
  .object({ tags: z.array(z.string()).nullish() })
  .transform(({ tags }) => tags ?? []);
const RepositoriesPage = z
  .object({ repositories: z.array(z.string()).nullish() })
  .transform(({ repositories }) => repositories ?? []);

const PAGE_LENGTH = 1000;
const MOST_PAGES = 1000;
const LARGEST_PAGE = 5_000_000;

type Listing = Pick<Request, 'url' | 'scope' | 'asked'>;

/** The requests that list (OCI distribution spec, "Listing tags"; `_catalog` is distribution's own). */
export function listingRequests(session: RegistrySession, registry: Registry) {
  /** `undefined` when there is no such thing to list. */
  async function list(listing: Listing, page: z.ZodType<string[]>): Promise<string[] | undefined> {
    const names = new Set<string>();
    let url: URL | undefined = listing.url;
    for (let pages = 0; url !== undefined; pages += 1) {
      if (pages === MOST_PAGES) throw unreadable(listing, 'its pages have no end');
      const answer = await session.send({
        ...listing,
        url,
        method: 'GET',
        largestBody: LARGEST_PAGE,
      });
      if (answer.status === 404 && pages === 0) return undefined;
      if (answer.status !== 200) throw session.refused(listing, answer);
      const found = page.safeParse(parseJson(answer.bytes));
      if (!found.success) throw unreadable(listing, 'it answered something else');
      for (const name of found.data) names.add(name);
      url = nextPage(answer.headers.get('link'), url);
    }
    return [...names];
  }

  return {
    async listTags(repository: Repository) {
      const url = new URL(`/v2/${repository}/tags/list?n=${PAGE_LENGTH}`, session.origin);
      const asked = `list the tags of ${registry}/${repository}`;
      const names = await list({ url, scope: `repository:${repository}:pull`, asked }, TagsPage);
      return names?.map(parseTag).filter((tag) => tag !== undefined);
    },
    async listRepositories() {
      const url = new URL(`/v2/_catalog?n=${PAGE_LENGTH}`, session.origin);
      const asked = `list the repositories of ${registry}`;
      const names = await list({ url, scope: 'registry:catalog:*', asked }, RepositoriesPage);
      if (names === undefined) throw unreadable({ asked }, 'it has no listing');
      return names.map(parseRepository).filter((repository) => repository !== undefined);
    },
  };
}

function unreadable({ asked }: Pick<Listing, 'asked'>, why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `could not ${asked}: ${why}`,
    'check that the address is that of a registry which allows it',
  );
}

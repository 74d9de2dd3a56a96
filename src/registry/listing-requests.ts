import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseDigest, parseRepository, parseTag, type Repository } from '../image-reference.ts';
import { badAnswer, isRefusal, RegistryError } from './registry-error.ts';
import type { RegistrySession, SessionOptions, SessionRequest } from './registry-session.ts';

const PAGE_LENGTH = 1000;
const MOST_PAGES = 1000;
const LARGEST_PAGE = 5_000_000;

/** What Google's registries list beside the tags: every manifest. */
const GooglePage = z.object({
  manifest: z
    .record(
      z.string(),
      z.object({
        mediaType: z.string(),
        tag: z.array(z.string()).default([]),
        timeUploadedMs: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional()
          .catch(undefined),
      }),
    )
    .optional(),
});

type ListRequest = Pick<SessionRequest, 'scope' | 'purpose' | 'makesNone'>;

interface PageOptions<Page> {
  readonly absent?: readonly number[] | undefined;
  readonly namesOf?: (page: Page) => readonly string[];
}

/**
 * The requests that list (OCI distribution spec, "Listing tags"; `_catalog` is distribution's own; `child` and
 * `manifest` beside the tags are Google's, see pkg/v1/google of go-containerregistry).
 */
export function listingRequests(
  session: RegistrySession,
  { registry, mayMake }: Pick<SessionOptions, 'registry' | 'mayMake'>,
) {
  /**
   * All pages; `undefined` when the registry has no such list, which is what the statuses `absent` mean. `namesOf` gives
   * what a page lists: after a full one, the rest is asked for by its last name where the registry links no next page.
   */
  async function readPages<Page>(
    page: z.ZodType<Page>,
    request: ListRequest,
    path: string,
    { absent = [404], namesOf = () => [] }: PageOptions<Page> = {},
  ): Promise<readonly Page[] | undefined> {
    const { purpose } = request;
    const read: Page[] = [];
    const last = new Set<string>();
    let url: URL | undefined = new URL(`${path}?n=${PAGE_LENGTH}`, session.origin);
    for (let pages = 0; url !== undefined; pages += 1) {
      if (pages === MOST_PAGES) throw badAnswer(purpose, 'its pages have no end', CORRECT);
      const response = await session.send({ ...request, url, largestBody: LARGEST_PAGE });
      if (absent.includes(response.status)) {
        if (pages === 0) return undefined;
        throw badAnswer(purpose, 'one of its pages is missing', CORRECT);
      }
      if (response.status !== 200) throw session.errorOf(request, response);
      const found = page.safeParse(parseJson(response.bytes));
      if (!found.success)
        throw badAnswer(
          purpose,
          'it answered something else',
          'check that the address is that of a registry',
        );
      read.push(found.data);
      url = nextPage(response.headers.get('link'), url) ?? afterFull(namesOf(found.data));
    }
    return read;

    // A registry that does not know `last` begins anew, and ends with the same name.
    function afterFull(names: readonly string[]): URL | undefined {
      const name = names.at(-1);
      if (name === undefined || names.length < PAGE_LENGTH || last.has(name)) return undefined;
      last.add(name);
      const query = new URLSearchParams({ n: String(PAGE_LENGTH), last: name });
      return new URL(`${path}?${query.toString()}`, session.origin);
    }
  }

  async function list(
    key: 'tags' | 'repositories' | 'child',
    request: ListRequest,
    path: string,
    absent?: readonly number[],
  ): Promise<string[] | undefined> {
    // Registries written in Go have `null` for an empty list.
    const page = z.object({ [key]: z.array(z.string()).nullish() });
    const namesOf = (found: z.output<typeof page>) => found[key] ?? [];
    const pages = await readPages(page, request, path, { absent, namesOf });
    if (key === 'child' && pages?.[0]?.[key] === undefined) return undefined;
    return pages && [...new Set(pages.flatMap((each) => each[key] ?? []))];
  }

  const tagList = (repository: Repository) => `/v2/${repository}/tags/list`;
  const pulling = (repository: Repository, what: string) => {
    const purpose = `list the ${what} of ${registry}/${repository}`;
    return { scope: `repository:${repository}:pull`, purpose };
  };
  const catalog = {
    scope: 'registry:catalog:*',
    purpose: `list the repositories of ${registry}`,
  };
  async function listCatalog() {
    const names = await list('repositories', catalog, '/v2/_catalog', [404, 405]);
    return names?.map(parseRepository).filter((repository) => repository !== undefined);
  }

  return {
    async listTags(repository: Repository) {
      const names = await list('tags', pulling(repository, 'tags'), tagList(repository));
      return names?.map(parseTag).filter((tag) => tag !== undefined);
    },
    async listManifests(repository: Repository) {
      const request = pulling(repository, 'manifests');
      const pages = await readPages(GooglePage, request, tagList(repository));
      if (!pages?.every(({ manifest }) => manifest !== undefined)) return undefined;
      const entries = new Map(pages.flatMap(({ manifest }) => Object.entries(manifest ?? {})));
      return [...entries].flatMap(([text, { mediaType, tag: tags, timeUploadedMs }]) => {
        const digest = parseDigest(text);
        const uploadedAt =
          timeUploadedMs === undefined ? undefined : new Date(Number(timeUploadedMs));
        return digest === undefined ? [] : [{ digest, mediaType, tags, uploadedAt }];
      });
    },
    async listRepositories() {
      const names = await listCatalog();
      if (names === undefined)
        throw badAnswer(
          catalog.purpose,
          'it has no listing',
          'take a registry that has `_catalog`',
        );
      return names;
    },
    async listBelow(path: Repository) {
      const request = { ...pulling(path, 'repositories'), makesNone: true };
      const listed = list('child', request, tagList(path));
      // Where a push makes repositories, some registries refuse what is none: on quay.io, a path alone is one of the
      // namespace `library`. Elsewhere, a refusal says nothing of what is there.
      const children = await (mayMake === undefined ? listed : unlessRefused(listed));
      if (children !== undefined) return children;
      const all = await unlessRefused(listCatalog());
      return all?.flatMap((repository) => {
        const name = repository.slice(path.length + 1);
        return repository === `${path}/${name}` && !name.includes('/') ? [name] : [];
      });
    },
  };
}

async function unlessRefused<Found>(listed: Promise<Found>): Promise<Found | undefined> {
  try {
    return await listed;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** What to do about a list that is broken. */
export const CORRECT = 'have the operator of the registry correct its listing';

/** A link may have several relations, with blanks between them. */
const NEXT = /;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;,]|$))/i;

/**
 * The next page that a `Link` header names (RFC 8288; OCI distribution spec, "Listing tags");
 * `undefined` on the last one. Always at the origin of `current`, whatever host the header names: a
 * registry behind a proxy names one that only the proxy can reach, and the token is for one host.
 * Throws a RegistryError for a link that is no address: a list that ends early must not pass for whole.
 */
export function nextPage(link: string | null, current: URL): URL | undefined {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!NEXT.test(parameters)) continue;
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

import { parseJson } from '../json.ts';
import { z } from 'zod';
import type { RegistryPolicy } from '../retention/evaluate-policies.ts';
import { exchange, realSleep, type Answer, type Wire } from '../registry/exchange.ts';
import { googleRefusal } from './google-refusal.ts';
import { isLoopback } from '../is-loopback.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { type ListedImage, dockerImagesPage, repositoryAnswer } from './repository-answers.ts';

/** Which repository of Artifact Registry is asked, where, and as whom. */
export interface RepositoryAddress {
  /** Ends in a slash after the version, such as `https://artifactregistry.googleapis.com/v1/`. */
  readonly endpoint: URL;
  readonly project: string;
  readonly location: string;
  readonly repositoryId: string;
  readonly accessToken: string;
}

/** The world outside, for tests. */
export type ApiWire = Partial<Pick<Wire, 'fetch' | 'sleep'>>;

export interface ArtifactRegistry {
  /** The clean-up policies that are in force, and whether they only log; `undefined`: there is none. */
  readPolicies(): Promise<
    { readonly policies: readonly RegistryPolicy[]; readonly dryRun: boolean } | undefined
  >;
  /** Every version of every image, those without tags as well. */
  listImages(): Promise<readonly ListedImage[]>;
}

const PAGE_LENGTH = 1000;
const MOST_PAGES = 1000;
const LARGEST_ANSWER = 20_000_000;

/**
 * Reads one repository by Artifact Registry's REST API, and tries again what is worth it. Whatever
 * keeps a question from its answer is thrown as a `RegistryError`.
 */
export function artifactRegistry(address: RepositoryAddress, wire: ApiWire = {}): ArtifactRegistry {
  const { endpoint, project, location, repositoryId, accessToken } = address;
  refusePlainHttp(endpoint);
  const name = `projects/${project}/locations/${location}/repositories/${repositoryId}`;
  const asked = (what: string) => `read ${what} of ${name}`;
  const ask = (path: string, what: string): Promise<Answer> =>
    exchange(
      {
        method: 'GET',
        url: new URL(path, endpoint),
        headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
        asked: asked(what),
        largestBody: LARGEST_ANSWER,
        redirect: 'manual',
      },
      {
        fetch: wire.fetch ?? globalThis.fetch,
        sleep: wire.sleep ?? realSleep(undefined),
        signal: undefined,
        timeout: 30_000,
        now: Date.now,
        random: Math.random,
      },
    );

  function parse<Value>(schema: z.ZodType<Value>, { bytes }: Answer, what: string): Value {
    const parsed = schema.safeParse(parseJson(bytes));
    if (parsed.success) return parsed.data;
    throw unreadable(asked(what), 'it answered something else');
  }

  return {
    async readPolicies() {
      const what = 'the clean-up policies';
      const answer = await ask(`${name}?alt=json`, what);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw googleRefusal(asked(what), answer, accessToken);
      return parse(repositoryAnswer, answer, what);
    },
    async listImages() {
      const what = 'the versions';
      const images = new Map<string, ListedImage>();
      let token: string | undefined = '';
      for (let pages = 0; token !== undefined; pages += 1) {
        if (pages === MOST_PAGES) throw unreadable(asked(what), 'its pages have no end');
        const query = new URLSearchParams({ alt: 'json', pageSize: String(PAGE_LENGTH) });
        if (token !== '') query.set('pageToken', token);
        const answer = await ask(`${name}/dockerImages?${query.toString()}`, what);
        if (answer.status !== 200) throw googleRefusal(asked(what), answer, accessToken);
        const page: z.output<typeof dockerImagesPage> = parse(dockerImagesPage, answer, what);
        // What was pushed meanwhile moves the pages, and shows an image twice.
        for (const image of page.images) images.set(`${image.image}@${image.digest}`, image);
        token = page.next;
      }
      return [...images.values()];
    },
  };
}

/** The access token must not be shown to whoever listens on the line. */
function refusePlainHttp(endpoint: URL): void {
  if (endpoint.protocol === 'https:' || isLoopback(endpoint.hostname)) return;
  throw new RegistryError(
    'REGISTRY_UNSAFE',
    `${endpoint.origin} would be shown an access token without encryption`,
    'write an https address as gcp:artifactRegistryCustomEndpoint, or leave it out',
  );
}

function unreadable(asked: string, why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `could not ${asked}: ${why}`,
    'check gcp:artifactRegistryCustomEndpoint, which must be the address of the API',
  );
}

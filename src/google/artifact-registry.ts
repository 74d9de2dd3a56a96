import { parseJson } from '../json.ts';
import { z } from 'zod';
import type { RegistryPolicy } from '../retention/evaluate-policies.ts';
import type { HttpOptions, HttpResponse } from '../http/fetch-with-retry.ts';
import { registryRequest, responseError, type Responder } from '../registry/registry-request.ts';
import { isSecure } from '../url.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { type ListedImage, dockerImagesPage, repositoryResponse } from './repository-responses.ts';

/** A repository of Artifact Registry, the API's address, and the token for it. */
export interface RepositoryAddress {
  /** Ends in a slash after the version, such as `https://artifactregistry.googleapis.com/v1/`. */
  readonly endpoint: URL;
  readonly project: string;
  readonly location: string;
  readonly repositoryId: string;
  readonly accessToken: string;
}

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
const LARGEST_RESPONSE = 20_000_000;

/** google.rpc.Status, as every Google API words its errors. */
const ErrorBody = z.object({ error: z.object({ message: z.string() }) });

const GOOGLE: Responder = {
  name: 'Google',
  messageOf: (body) => ErrorBody.safeParse(body).data?.error.message,
  remedies: {
    REGISTRY_UNAUTHORIZED: 'log in anew: an access token ends within the hour',
    REGISTRY_DENIED: 'grant whoever is logged in roles/artifactregistry.reader on the repository',
    REGISTRY_RATE_LIMITED: 'try again later',
    REGISTRY_ANSWER: 'check project, location and repositoryId, or try again later',
  },
};

/**
 * Reads one repository by Artifact Registry's REST API, and retries requests. Throws a RegistryError
 * for a request without a good response.
 */
export function artifactRegistry(
  address: RepositoryAddress,
  options: HttpOptions = {},
): ArtifactRegistry {
  const { endpoint, project, location, repositoryId, accessToken } = address;
  refusePlainHttp(endpoint);
  const name = `projects/${project}/locations/${location}/repositories/${repositoryId}`;

  function get(path: string, purpose: string): Promise<HttpResponse> {
    const request = {
      url: new URL(path, endpoint),
      authorization: `Bearer ${accessToken}`,
      headers: { accept: 'application/json' },
      purpose,
      largestBody: LARGEST_RESPONSE,
    };
    return registryRequest(request, options);
  }

  function parse<Value>(schema: z.ZodType<Value>, response: HttpResponse, purpose: string): Value {
    if (response.status !== 200) throw responseError(purpose, response, [accessToken], GOOGLE);
    const parsed = schema.safeParse(parseJson(response.bytes));
    if (parsed.success) return parsed.data;
    throw unreadable(purpose, 'it answered something else');
  }

  return {
    async readPolicies() {
      const purpose = `read the clean-up policies of ${name}`;
      const response = await get(`${name}?alt=json`, purpose);
      return response.status === 404 ? undefined : parse(repositoryResponse, response, purpose);
    },
    async listImages() {
      const purpose = `read the versions of ${name}`;
      const images = new Map<string, ListedImage>();
      let token: string | undefined = '';
      for (let pages = 0; token !== undefined; pages += 1) {
        if (pages === MOST_PAGES) throw unreadable(purpose, 'its pages have no end');
        const query = new URLSearchParams({ alt: 'json', pageSize: String(PAGE_LENGTH) });
        if (token !== '') query.set('pageToken', token);
        const response = await get(`${name}/dockerImages?${query.toString()}`, purpose);
        const page: z.output<typeof dockerImagesPage> = parse(dockerImagesPage, response, purpose);
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
  if (isSecure(endpoint)) return;
  throw new RegistryError(
    'REGISTRY_UNSAFE',
    `${endpoint.origin} would be shown an access token without encryption`,
    'write an https address as gcp:artifactRegistryCustomEndpoint, or leave it out',
  );
}

function unreadable(purpose: string, why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `could not ${purpose}: ${why}`,
    'check gcp:artifactRegistryCustomEndpoint, which must be the address of the API',
  );
}

import { z } from 'zod';
import type { HttpOptions, HttpResponse } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { badAnswer, RegistryError } from '../registry/registry-error.ts';
import { registryRequest, responseError } from '../registry/registry-request.ts';
import { GOOGLE_PROJECT, type Responder } from '../registry/responder.ts';
import { isSecure } from '../url.ts';
import { dockerImagesPage, type ListedImage, repositoryResponse } from './repository-responses.ts';

/** An Artifact Registry repository, the address of the API, and the token for it. */
interface RepositoryAddress {
  /** Ends in a slash after the version, such as `https://artifactregistry.googleapis.com/v1/`. */
  readonly endpoint: URL;
  readonly project: string;
  readonly location: string;
  readonly repositoryId: string;
  readonly accessToken: string;
}

const PAGE_LENGTH = 1000;
const MOST_PAGES = 1000;
const LARGEST_RESPONSE = 20_000_000;

/** google.rpc.Status, as every Google API words its errors. */
const ErrorBody = z.object({ error: z.object({ message: z.string() }) });

const UNREADABLE = 'check gcp:artifactRegistryCustomEndpoint, which must be the address of the API';

export const GOOGLE: Responder = {
  name: 'Google',
  messageOf: (body) => ErrorBody.safeParse(body).data?.error.message,
  remedies: [
    { status: /401/, remedy: 'log in anew: an access token ends within the hour' },
    ...GOOGLE_PROJECT,
    {
      status: /403/,
      remedy:
        'grant whoever is logged in roles/artifactregistry.reader on the Artifact Registry repository',
    },
    { status: /400|404/, remedy: 'check project, location and repositoryId' },
    { status: /429|5../, remedy: 'try again later' },
    { status: /./, remedy: UNREADABLE },
  ],
};

/** Reads one Artifact Registry repository by the REST API, with retries. Throws a RegistryError. */
export function artifactRegistry(address: RepositoryAddress, options: HttpOptions = {}) {
  const { endpoint, project, location, repositoryId, accessToken } = address;
  if (!isSecure(endpoint)) throw unsafe(endpoint);
  const name = `projects/${project}/locations/${location}/repositories/${repositoryId}`;

  function get(path: string, purpose: string): Promise<HttpResponse> {
    const headers = { accept: 'application/json' };
    const authorization = `Bearer ${accessToken}`;
    const url = new URL(path, endpoint);
    const request = { url, authorization, headers, purpose, largestBody: LARGEST_RESPONSE };
    return registryRequest(request, options);
  }

  function parse<Value>(schema: z.ZodType<Value>, response: HttpResponse, purpose: string): Value {
    if (response.status !== 200) throw responseError(purpose, response, [accessToken], GOOGLE);
    const parsed = schema.safeParse(parseJson(response.bytes));
    if (parsed.success) return parsed.data;
    throw badAnswer(purpose, 'it answered something else', UNREADABLE);
  }

  return {
    /** The clean-up policies in force, and whether they only log; `undefined` where there is no such repository. */
    async readPolicies() {
      const purpose = `read the clean-up policies of ${name}`;
      const response = await get(`${name}?alt=json`, purpose);
      return response.status === 404 ? undefined : parse(repositoryResponse, response, purpose);
    },
    /** Every version of every image, those without tags as well. */
    async listImages(): Promise<readonly ListedImage[]> {
      const purpose = `read the versions of ${name}`;
      const images = new Map<string, ListedImage>();
      const query = new URLSearchParams({ alt: 'json', pageSize: String(PAGE_LENGTH) });
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const response = await get(`${name}/dockerImages?${query.toString()}`, purpose);
        const page = parse(dockerImagesPage, response, purpose);
        // What was pushed meanwhile moves the pages, and shows an image twice.
        for (const one of page.dockerImages) images.set(`${one.image}@${one.digest}`, one);
        if (page.nextPageToken === '') return [...images.values()];
        query.set('pageToken', page.nextPageToken);
      }
      throw badAnswer(purpose, 'its pages have no end', UNREADABLE);
    },
  };
}

function unsafe({ origin }: URL): RegistryError {
  const problem = `${origin} would be shown an access token without encryption`;
  const remedy = 'write an https address as gcp:artifactRegistryCustomEndpoint, or leave it out';
  return new RegistryError('REGISTRY_UNSAFE', problem, remedy);
}

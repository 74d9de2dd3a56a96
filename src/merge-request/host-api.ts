import { z } from 'zod';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';
import { responseRemedy, type ResponseRemedy } from '../http/response-remedy.ts';
import { isRateLimit, retry, retryAfter, type RetryOptions } from '../http/retry.ts';
import { parseJson } from '../json.ts';
import { CodedError } from '../problem.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';

/** Bytes of a response: GitLab takes a million characters for a note, and a page has a hundred of them. */
const LARGEST = 100_000_000;

/** The REST API of a code host. */
export interface HostApi {
  readonly name: 'GitHub' | 'GitLab';
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Never appears in messages. */
  readonly token: string;
  readonly remedies: readonly ResponseRemedy[];
  /** What to do when it can't be reached. */
  readonly patience: string;
}

export interface HostRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Below the URL of the API. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * Why a code host did not do what a request is for:
 *
 * - `GITHUB_UNREACHABLE`, `GITLAB_UNREACHABLE`: it may later (no response, a rate limit, 5xx).
 * - `GITHUB_REFUSED`, `GITLAB_REFUSED`: it does not.
 */
export class HostError extends CodedError<string> {
  override readonly name = 'HostError';
  readonly isPassing: boolean;
  /** The Retry-After header of the last response. */
  readonly retryAfter: string | null;

  constructor(
    host: Pick<HostApi, 'name'>,
    kind: 'UNREACHABLE' | 'REFUSED',
    problem: string,
    remedy: string,
    retryAfter: string | null = null,
  ) {
    super(`${host.name.toUpperCase()}_${kind}`, problem, remedy);
    this.isPassing = kind === 'UNREACHABLE';
    this.retryAfter = retryAfter;
  }
}

interface HostResponse {
  readonly status: number;
  /** `undefined` when the body is not JSON. */
  readonly json: unknown;
}

/**
 * Sends a request once, since not every one is idempotent. Returns a good response, or one with a
 * status of `expected`. Throws a HostError for every other. Follows no redirect: the token is for one
 * address.
 */
export async function hostRequest(
  api: HostApi,
  { method, path, body }: HostRequest,
  expected: readonly number[] = [],
): Promise<HostResponse> {
  const { name, token, patience } = api;
  // Without the query, which may hold anything.
  const purpose = `${method} ${path.replace(/\?.*/, '')}`;
  const headers = { ...api.headers, ...(body && { 'content-type': 'application/json' }) };
  const url = new URL(api.url + path);
  const content = body && JSON.stringify(body);
  const request = { method, url, headers, body: content, largestBody: LARGEST };
  const response = await fetchWithRetry(request, { mostTries: 1 });
  if ('failure' in response) {
    const problem = `${name} gave no answer to ${purpose}: ${redact(response.reason, [token])}`;
    throw new HostError(api, 'UNREACHABLE', problem, response.remedy ?? patience);
  }
  const { status, bytes } = response;
  const json = parseJson(bytes);
  if ((status >= 200 && status < 300) || expected.includes(status)) return { status, json };
  const text = messageOf(json) ?? bytes.toString();
  const quoted = redact(text, [token], LONGEST_QUOTE);
  const problem = `${name} says ${status} to ${purpose}: ${quoted}`;
  if (status >= 500 || isRateLimit(response)) {
    throw new HostError(api, 'UNREACHABLE', problem, patience, retryAfter(response));
  }
  throw new HostError(api, 'REFUSED', problem, remedyOf(api, response, text));
}

/** What to do about a response that refuses a request with these words. */
export function remedyOf(
  { name, remedies }: HostApi,
  response: Pick<HostResponse, 'status'>,
  text: string,
): string {
  return responseRemedy(remedies, response, text) ?? `see what ${name} says, then run this again`;
}

/** Retries `run` while its error is a passing one. Throws a HostError. */
export async function retryHost<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { result } = await retry(async () => {
    try {
      return { result: await run(), isFinal: true };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { result: error, isFinal: !error.isPassing, retryAfter: error.retryAfter };
    }
  }, options);
  if (result instanceof HostError) throw result;
  return result;
}

/** The response to GET for a path. Throws a HostError. */
export async function requestJson<T>(api: HostApi, schema: z.ZodType<T>, path: string): Promise<T> {
  return parseResponse(api, schema, await hostRequest(api, { method: 'GET', path }));
}

const PER_PAGE = 100;

/** More than any list has. */
const MOST_PAGES = 100;

/** All entries of a list, each of which fits the schema. `query` goes behind the numbers of its pages. Throws a HostError. */
export async function listAll<T>(
  api: HostApi,
  schema: z.ZodType<T>,
  path: string,
  query = '',
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const pages = `${path}?per_page=${PER_PAGE}&page=${page}${query}`;
    const some = await requestJson(api, z.array(schema), pages);
    all.push(...some);
    if (some.length < PER_PAGE) break;
  }
  return all;
}

/** The content of a response. Throws a HostError when it does not fit the schema. */
export function parseResponse<T>(api: HostApi, schema: z.ZodType<T>, { json }: HostResponse): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problem = `${api.name} sent a response of another form`;
  throw new HostError(api, 'REFUSED', problem, 'check that its address is that of its REST API');
}

function messageOf(json: unknown): string | undefined {
  const isObject = typeof json === 'object' && json !== null;
  return isObject && 'message' in json && typeof json.message === 'string'
    ? json.message
    : undefined;
}

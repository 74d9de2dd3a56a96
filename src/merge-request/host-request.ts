import type { z } from 'zod';
import { CodedError } from '../problem.ts';
import { failureRemedy, fetchWithRetry } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import type { GithubAccess } from './note-target.ts';

/** Bytes of a response: GitLab takes a million characters for a note, and a page has a hundred of them. */
const LARGEST = 100_000_000;

type Prefix = 'GITHUB' | 'GITLAB';

/**
 * Why a code host did not do what a request is for:
 *
 * - `..._UNREACHABLE`: it may later (no response, 429, 5xx).
 * - `..._REFUSED`: it does not.
 */
export class HostError extends CodedError<`${Prefix}_${'UNREACHABLE' | 'REFUSED'}`> {
  override readonly name = 'HostError';
  /** The Retry-After header of the last response. */
  readonly retryAfter: string | null;

  constructor(
    code: HostError['code'],
    problem: string,
    remedy: string,
    retryAfter?: string | null,
  ) {
    super(code, problem, remedy);
    this.retryAfter = retryAfter ?? null;
  }

  get isPassing(): boolean {
    return this.code.endsWith('_UNREACHABLE');
  }
}

/** A code host's API, and how messages name it. */
export interface HostApi {
  readonly name: 'GitHub' | 'GitLab';
  /** Of the errors' codes. */
  readonly prefix: Prefix;
  readonly headers: Readonly<Record<string, string>>;
  /** Is never shown. */
  readonly token: string;
  /** What to do about a status. */
  readonly remedies: Readonly<Record<number, string>>;
  /** What to do when it can't be reached. */
  readonly patience: string;
}

export interface HostRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  /** The URL as messages name it: without its query, which may hold anything. */
  readonly place: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface HostResponse {
  readonly status: number;
  /** Absent when the body is not JSON. */
  readonly json: unknown;
}

/**
 * Sends a request once, since not every one is idempotent. Returns a good response, or one with a
 * status of `expected`. Throws a HostError for every other. Follows no redirect: the token is for one
 * address.
 */
export async function hostRequest(
  api: HostApi,
  { method, url, place, body }: HostRequest,
  expected: readonly number[] = [],
): Promise<HostResponse> {
  const { name, prefix, token, remedies, patience } = api;
  const what = `${method} ${place}`;
  const headers: Record<string, string> = { ...api.headers };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const content = body && JSON.stringify(body);
  const request = { method, url: new URL(url), headers, body: content, largestBody: LARGEST };
  const response = await fetchWithRetry(request, { mostTries: 1 });
  const unreachable = (why: string, remedy: string, retryAfter?: string | null) =>
    new HostError(
      `${prefix}_UNREACHABLE`,
      `${name} gave no answer to ${what}: ${why}`,
      remedy,
      retryAfter,
    );
  if ('failure' in response) {
    const why = redact(response.reason, [token]);
    throw unreachable(why, failureRemedy(response, patience));
  }
  const { status, bytes } = response;
  const json = parseJson(bytes);
  if ((status >= 200 && status < 300) || expected.includes(status)) return { status, json };
  const quoted = redact(messageOf(json) ?? bytes.toString(), [token], LONGEST_QUOTE);
  if (status >= 500 || status === 429) {
    const retryAfter = response.headers.get('retry-after');
    throw unreachable(`${status} ${quoted}`, patience, retryAfter);
  }
  throw new HostError(
    `${prefix}_REFUSED`,
    `${name} says ${status} to ${what}: ${quoted}`,
    remedies[status] ?? `see what ${name} says, then run this again`,
  );
}

/** What a response holds. Throws a HostError when it does not fit the schema. */
export function parseResponse<T>(
  { name, prefix }: Pick<HostApi, 'name' | 'prefix'>,
  schema: z.ZodType<T>,
  { json }: HostResponse,
): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new HostError(
    `${prefix}_REFUSED`,
    `${name} answered something else than asked`,
    'check that its address is that of its REST API',
  );
}

function messageOf(json: unknown): string | undefined {
  const isObject = typeof json === 'object' && json !== null;
  return isObject && 'message' in json && typeof json.message === 'string'
    ? json.message
    : undefined;
}

export const GITHUB = { name: 'GitHub', prefix: 'GITHUB' } as const;

interface GithubRequest {
  readonly method: HostRequest['method'];
  /** Below the repository, such as `pulls`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * Sends a request to GitHub's REST API, about the repository ("REST API endpoints for pull requests", version
 * 2022-11-28). Throws a HostError.
 */
export async function githubRequest(
  { api, repository, token }: GithubAccess,
  { method, path, body }: GithubRequest,
  expected: readonly number[] = [],
): Promise<HostResponse> {
  const host: HostApi = {
    ...GITHUB,
    token,
    remedies: REMEDIES,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    patience: 'run this again later: what is pushed already is found, and gets its pull request',
  };
  const url = `${api}/repos/${repository}/${path}`;
  const place = `/repos/${repository}/${path.split('?')[0] ?? ''}`;
  return hostRequest(host, { method, url, place, body }, expected);
}

/** What GITHUB_TOKEN needs, by how GitHub refuses a request. It says 404 for what a token may not see. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'set GITHUB_TOKEN to a token that is valid',
  403: 'give the token "pull-requests: write", and let Actions create pull requests in the settings',
  404: 'check GITHUB_REPOSITORY and GITHUB_API_URL, and that the token may see the repository',
};

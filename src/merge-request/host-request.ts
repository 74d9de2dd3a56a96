import type { z } from 'zod';
import { CodedError } from '../problem.ts';
import { failureRemedy, fetchWithRetry } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';

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

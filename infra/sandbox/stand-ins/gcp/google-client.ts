import { setTimeout } from 'node:timers/promises';
import {
  fetchWithRetry,
  type HttpOptions,
  type HttpResponse,
} from '../../../../src/http/fetch-with-retry.ts';
import { countTries, failureRemedy } from '../../../../src/http/http-failure.ts';
import { parseJson } from '../../../../src/json.ts';
import { LONGEST_QUOTE, redact } from '../../../../src/redact.ts';
import {
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property.ts';
import type { Service, Settings } from './settings.ts';

/** One request to a Google API. */
export interface GoogleRequest {
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the endpoint, not encoded: `projects/p/locations/l/jobs/j:resume`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Properties;
  /** For messages, such as `create the repository projects/p/...`. */
  readonly purpose: string;
  /** The IAM permission that it takes. */
  readonly permission: string;
  /** What to do about a 409; to run it again if absent. */
  readonly conflict?: string;
}

/** The world that requests go out into. */
export type Wire = Required<Pick<HttpOptions, 'fetch' | 'sleep'>>;

export const REAL_WIRE: Wire = {
  fetch: globalThis.fetch,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
};

/** What the requests for one resource need. */
export interface Work {
  /** Sends a request, again where that may help, and returns the response. Throws a `GoogleError`. */
  readonly send: (request: GoogleRequest) => Promise<Properties>;
  readonly settings: Settings;
  /** Waits for so many milliseconds, or until the run is cancelled. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

const LARGEST_BODY = 20_000_000;

/** Sends requests as `settings` say, until `signal` is aborted. */
export function googleClient(settings: Settings, wire: Wire, signal: AbortSignal): Work['send'] {
  const { timeout, endpoint } = settings;
  return async (request) => {
    const token = await settings.token();
    const { service, method, path, query, body, purpose } = request;
    const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
    const url = new URL(`${endpoint(service)}${encoded}`);
    url.search = new URLSearchParams({ alt: 'json', ...query }).toString();
    const response = await fetchWithRetry(
      {
        method,
        url,
        authorization: `Bearer ${token}`,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        largestBody: LARGEST_BODY,
      },
      { ...wire, signal, timeout },
    );
    const failed = (reason: string) => new GoogleError(`could not ${purpose}: ${reason}`, response);
    const endpoints = 'check the custom endpoints of the gcp settings';
    if ('failure' in response) {
      const reason = `${response.reason} (${countTries(response.tries)} at ${url.origin})`;
      throw failed(`${reason}; ${failureRemedy(response, `${endpoints}, and run this again`)}`);
    }
    const { status, bytes } = response;
    if (status < 200 || status > 299) throw failed(explain(request, response, token));
    const value = bytes.length === 0 ? {} : (parseJson(bytes) as PropertyValue | undefined);
    if (isObject(value)) return value;
    throw failed(`the response is no JSON object; ${endpoints}`);
  };
}

/** A request that failed, or had no response. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** The HTTP status; absent when there was no response. */
  readonly code: number | undefined;
  /** How often the request was sent: after the first time, an earlier try may have done the work. */
  readonly tries: number;

  constructor(message: string, { status, tries }: { status?: number; tries: number }) {
    super(message);
    this.code = status;
    this.tries = tries;
  }
}

export function hasCode(error: unknown, code: number): error is GoogleError {
  return error instanceof GoogleError && error.code === code;
}

/** A response; `undefined` where Google does not have the resource (404). */
export async function unlessGone<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (hasCode(error, 404)) return undefined;
    throw error;
  }
}

const PAUSE_MS = 1000;
/** Twenty minutes, as long as the official plug-in waits. */
const MOST_PAUSES = 1200;

/**
 * Waits until the long-running operation that a request started has ended. Throws where it failed. Returns a
 * response that is no operation.
 */
export async function waitForOperation(
  response: Properties,
  { service, purpose, permission }: GoogleRequest,
  { send, pause }: Work,
): Promise<Properties | undefined> {
  const path = textOf(response, 'name');
  if (!/(?:^|\/)operations\/[^/]+$/.test(path)) return response;
  let operation = response;
  for (let pauses = 0; operation['done'] !== true; pauses += 1) {
    if (pauses === MOST_PAUSES) {
      throw new Error(`could not ${purpose}: operation ${path} has not ended; run this again`);
    }
    await pause(PAUSE_MS);
    operation = await send({ service, method: 'GET', path, purpose, permission });
  }
  const { error } = operation;
  if (!isObject(error)) return undefined;
  const reason = `${textOf(error, 'message')} (code ${JSON.stringify(error['code'])})`;
  throw new Error(`could not ${purpose}: ${reason}; correct what Google names, and run this again`);
}

/** Reason and remedy of an error response. `token` is struck out of foreign words. */
function explain(
  { permission, conflict }: GoogleRequest,
  { status, bytes }: HttpResponse,
  token: string,
): string {
  const body = parseJson(bytes) as PropertyValue | undefined;
  // google.rpc.Status as the REST APIs write it; of anything else, all is the message.
  const given = isObject(body) ? body['error'] : undefined;
  const error = isObject(given) ? given : { message: bytes.toString() };
  const name = `${String(status)} ${textOf(error, 'status')}`.trim();
  const message = redact(textOf(error, 'message'), [token], LONGEST_QUOTE);
  const remedies: Readonly<Record<number, string>> = {
    400: 'correct what Google names',
    401: 'the access token is not valid (any more): get another, and run this again',
    403: `grant the account that runs this ${permission}`,
    404: 'check the project and the location: what this belongs to is not there',
    409: conflict ?? 'somebody else is changing it: run this again',
  };
  const reason = `Google responded with ${name}${message === '' ? '' : ` (${message})`}`;
  return `${reason}; ${remedies[status] ?? 'run this again, later if need be'}`;
}

import { setTimeout } from 'node:timers/promises';
import {
  fetchWithRetry,
  type HttpOptions,
  type HttpResponse,
} from '../../../../src/http/fetch-with-retry.ts';
import type { HttpFailure } from '../../../../src/http/http-failure.ts';
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
  /** For messages, such as `create the repository`. */
  readonly purpose: string;
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
  /** Waits for so many milliseconds. Returns false, at once, where the time of the operation is over by then. */
  readonly pause: (milliseconds: number) => Promise<boolean>;
}

/** Seconds that the official plug-in allows an operation whose resource has no `customTimeouts`. */
export const OPERATION_SECONDS = { read: 300, write: 1200 };

/** What an operation of at most so many seconds needs, until `signal` is aborted. */
export function workOf(settings: Settings, wire: Wire, signal: AbortSignal, seconds: number): Work {
  const begun = performance.now();
  let paused = 0;
  const pause = async (milliseconds: number) => {
    const spent = Math.max(performance.now() - begun, paused);
    if (spent + milliseconds > seconds * 1000) return false;
    await wire.sleep(milliseconds, signal);
    paused += milliseconds;
    return true;
  };
  return { send: googleClient(settings, wire, signal, pause), settings, pause };
}

const LARGEST_BODY = 20_000_000;

/** Responses and failures after which the official plug-in sends a request again, until the operation's time is over. */
const RETRYABLE = new Set([429, 500, 502, 503]);
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** Sends requests as `settings` say, until `signal` is aborted. */
function googleClient(
  settings: Settings,
  wire: Wire,
  signal: AbortSignal,
  pause: Work['pause'],
): Work['send'] {
  const { timeout, endpoint } = settings;
  return async (request) => {
    const token = await settings.token();
    const { service, method, path, query, body, purpose } = request;
    const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
    const url = new URL(`${endpoint(service)}${encoded}`);
    url.search = new URLSearchParams({ alt: 'json', ...query }).toString();
    const sendOnce = () =>
      fetchWithRetry(
        {
          method,
          url,
          authorization: `Bearer ${token}`,
          headers: body === undefined ? {} : { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          largestBody: LARGEST_BODY,
        },
        { ...wire, signal, timeout, mostTries: 1 },
      );
    let response = await sendOnce();
    let backoff = FIRST_RETRY_MS;
    while (isRetryable(response) && (await pause(backoff))) {
      backoff = Math.min(2 * backoff, LONGEST_RETRY_MS);
      response = await sendOnce();
    }
    const failed = (reason: string, code?: number) =>
      new GoogleError(`could not ${purpose}: ${reason}`, code);
    if ('failure' in response) throw failed(`${method} "${url.href}": ${response.reason}`);
    const { status, bytes } = response;
    if (status < 200 || status > 299) throw failed(explain(response, token), status);
    const value = bytes.length === 0 ? {} : (parseJson(bytes) as PropertyValue | undefined);
    if (isObject(value)) return value;
    throw failed('the response is no JSON object');
  };
}

function isRetryable(response: HttpResponse | HttpFailure): boolean {
  if ('failure' in response) return response.reason === 'no answer in time';
  return RETRYABLE.has(response.status);
}

/** A request that failed, or had no response. */
class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** The HTTP status; absent when there was no response. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
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

/**
 * Waits until the long-running operation that a request started has ended. Throws where it failed. Returns a
 * response that is no operation.
 */
export async function waitForOperation(
  response: Properties,
  { service, purpose }: GoogleRequest,
  { send, pause, settings }: Work,
): Promise<Properties | undefined> {
  const path = textOf(response, 'name');
  if (!/(?:^|\/)operations\/[^/]+$/.test(path)) return response;
  let operation = response;
  while (operation['done'] !== true) {
    if (!(await pause(settings.pollInterval))) {
      throw new Error(`could not ${purpose}: timeout while waiting for operation ${path}`);
    }
    operation = await send({ service, method: 'GET', path, purpose });
  }
  const { error } = operation;
  if (!isObject(error)) return undefined;
  throw new Error(
    `could not ${purpose}: Error code ${JSON.stringify(error['code'])}, message: ${textOf(error, 'message')}`,
  );
}

/** The words for an error response, as few as the official plug-in has. `token` is struck out of foreign words. */
function explain({ status, bytes }: HttpResponse, token: string): string {
  const body = parseJson(bytes) as PropertyValue | undefined;
  // google.rpc.Status as the REST APIs write it; of anything else, all is the message.
  const given = isObject(body) ? body['error'] : undefined;
  const error = isObject(given) ? given : { message: bytes.toString() };
  const message = redact(textOf(error, 'message'), [token], LONGEST_QUOTE);
  return `Error ${status}${message === '' ? '' : `: ${message}`}`;
}

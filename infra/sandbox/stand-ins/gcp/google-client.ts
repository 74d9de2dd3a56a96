import { setTimeout } from 'node:timers/promises';
import {
  countTries,
  failureRemedy,
  fetchWithRetry,
  type HttpOptions,
  type HttpResponse,
} from '../../../../src/http/fetch-with-retry.ts';
import { parseJson } from '../../../../src/json.ts';
import { redact } from '../../../../src/redact.ts';
import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property.ts';
import { APIS, type Service, type Settings } from './settings.ts';

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

/** Sends a request, again where that may help, and returns the response. Throws a `GoogleError`. */
export type Send = (request: GoogleRequest) => Promise<Properties>;

/** The world that requests go out into. */
export type Wire = Required<Pick<HttpOptions, 'fetch' | 'sleep'>>;

export const REAL_WIRE: Wire = {
  fetch: globalThis.fetch,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
};

/** What the requests for one resource need. */
export interface Work {
  readonly send: Send;
  readonly settings: Settings;
  /** Waits for so many milliseconds, or until the run is cancelled. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

/** Milliseconds for one try, where the settings have none. */
const TIMEOUT = 60_000;
const LARGEST_BODY = 20_000_000;
const LONGEST_QUOTE = 600;

/** Sends requests as `settings` say, until `signal` is aborted. */
export function googleClient(settings: Settings, wire: Wire, signal: AbortSignal): Send {
  const { token, requestTimeout: timeout = TIMEOUT } = settings;
  return async (request) => {
    const { method, body } = request;
    const url = urlOf(request, settings);
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
    if ('failure' in response) {
      const reason = `${response.reason} (${countTries(response.tries)} at ${url.origin})`;
      const remedy = 'check the network and the custom endpoints of the gcp settings';
      const whole = failureRemedy(response, `${remedy}, and run this again`);
      throw new GoogleError(request, [reason, whole], { tries: response.tries });
    }
    const { status, bytes } = response;
    if (status < 200 || status > 299) {
      throw new GoogleError(request, explain(request, response, token), response);
    }
    const value = bytes.length === 0 ? {} : (parseJson(bytes) as PropertyValue | undefined);
    if (isObject(value)) return value;
    const remedy = 'check the custom endpoints of the gcp settings';
    throw new GoogleError(request, ['the response is no JSON object', remedy], response);
  };
}

function urlOf({ service, path, query = {} }: GoogleRequest, { endpoint }: Settings): URL {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  const url = new URL(`${endpoint(service)}${encoded}`);
  url.search = new URLSearchParams({ alt: 'json', ...query }).toString();
  return url;
}

/** A request that failed, or had no response. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** The HTTP status; absent when there was no response. */
  readonly code: number | undefined;
  /** How often the request was sent: after the first time, an earlier try may have done the work. */
  readonly tries: number;

  constructor(
    { purpose }: GoogleRequest,
    [reason, remedy]: readonly [string, string],
    { status, tries }: Pick<HttpResponse, 'tries'> & Partial<HttpResponse>,
  ) {
    super(`could not ${purpose}: ${reason}; ${remedy}`);
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

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** As long as the official plug-in waits. */
const LONGEST_WAIT_MS = 20 * 60_000;

/** The name of an operation: a path below the API's version. */
const NAME = /^(?!.*\.\.)[\w.~:/@-]+$/;

/** Waits until the long-running operation that a request started has ended. Throws where it failed. */
export async function waitForOperation(
  operation: Properties,
  { service, purpose, permission }: GoogleRequest,
  { send, pause }: Work,
): Promise<void> {
  const failed = (reason: string) => new Error(`could not ${purpose}: ${reason}`);
  const path = textOf(operation, 'name');
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let current = operation;
  for (let wait = FIRST_PAUSE_MS; current['done'] !== true; wait *= 2) {
    if (Date.now() > deadline) {
      const remedy = `look at operation ${path} and run this again`;
      throw failed(`Google has not finished after 20 minutes; ${remedy}`);
    }
    if (!NAME.test(path)) {
      const remedy = 'check the custom endpoints of the gcp settings, and run this again';
      throw failed(`Google started an operation that has no name; ${remedy}`);
    }
    await pause(Math.min(wait, LONGEST_PAUSE_MS));
    current = await send({ service, method: 'GET', path, purpose, permission });
  }
  const { error } = current;
  if (!isObject(error)) return;
  const reason = `${textOf(error, 'message')} (code ${JSON.stringify(error['code'])})`;
  throw failed(`${reason}; correct what Google names, and run this again`);
}

/** Reason and remedy of an error response. `token` is struck out of foreign words. */
function explain(
  request: GoogleRequest,
  { status, bytes }: HttpResponse,
  token: string,
): readonly [reason: string, remedy: string] {
  const body = parseJson(bytes) as PropertyValue | undefined;
  // google.rpc.Status as the REST APIs write it; of anything else, all is the message.
  const given = isObject(body) ? body['error'] : undefined;
  const error = isObject(given) ? given : { message: bytes.toString() };
  const name = `${String(status)} ${textOf(error, 'status')}`.trim();
  const message = redact(textOf(error, 'message'), [token], LONGEST_QUOTE);
  const details = isList(error['details']) ? error['details'].filter(isObject) : [];
  const isOff = details.some(({ reason }) => reason === 'SERVICE_DISABLED');
  return [
    `Google responded with ${message === '' ? name : `${name} (${message})`}`,
    isOff
      ? `enable the API: gcloud services enable ${APIS[request.service]}`
      : remedyOf(request, status),
  ];
}

function remedyOf({ permission, conflict }: GoogleRequest, code: number): string {
  const remedies: Readonly<Record<number, string>> = {
    400: 'correct what Google names',
    401: 'the access token is not valid (any more): get another, and run this again',
    403: `grant the account that runs this ${permission}`,
    404: 'check the project and the location: what this belongs to is not there',
    409: conflict ?? 'somebody else is changing it: run this again',
    429: 'wait for the quota, or ask Google for more of it, and run this again',
  };
  return remedies[code] ?? 'run this again, later if need be';
}

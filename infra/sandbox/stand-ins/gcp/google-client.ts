import { setTimeout } from 'node:timers/promises';
import { fetchWithRetry, type HttpOptions } from '../../../../src/http/fetch-with-retry.ts';
import { parseJson } from '../../../../src/json.ts';
import {
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { refusal, unreachable, unreadable } from './google-error.ts';
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

/** Sends a request, again where that may help, and returns the response. Throws a `GoogleError`. */
export type Send = (request: GoogleRequest) => Promise<Properties>;

/** The world that requests go out into. */
export type Wire = Required<Pick<HttpOptions, 'fetch' | 'sleep'>>;

export const REAL_WIRE: Wire = {
  fetch: globalThis.fetch,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
};

/** Milliseconds for one try, where the settings have none. */
const TIMEOUT = 60_000;
const LARGEST_BODY = 20_000_000;

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
    if ('failure' in response) throw unreachable(request, url, response);
    if (response.status < 200 || response.status > 299) throw refusal(request, response, token);
    const text = response.bytes.toString();
    const value = text === '' ? {} : (parseJson(text) as PropertyValue | undefined);
    if (!isObject(value)) throw unreadable(request, response);
    return value;
  };
}

function urlOf({ service, path, query = {} }: GoogleRequest, { endpoints }: Settings): URL {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  const url = new URL(`${endpoints[service]}${encoded}`);
  url.search = new URLSearchParams({ alt: 'json', ...query }).toString();
  return url;
}

import { setTimeout as pause } from 'node:timers/promises';
import { networkFailure } from '../../../../src/http/network-failure.ts';
import { parseJson } from '../../../../src/json.ts';
import { retryDelay } from '../../../../src/registry/retry-delay.ts';
import { isObject } from '../../../oci/protocol/property-value.ts';
import type { Properties, PropertyValue } from '../../../oci/protocol/resource-type.ts';
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
export interface Wire {
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds for one try, its body included, where the settings have none. */
  readonly timeout: number;
}

export const REAL_WIRE: Wire = {
  fetch: globalThis.fetch,
  sleep: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
  timeout: 60_000,
};

interface Outcome {
  /** Absent where there was no response; `failure` says why. */
  readonly status?: number;
  readonly retryAfter?: string | null;
  readonly text?: string;
  readonly failure?: unknown;
}

/**
 * Sends requests as `settings` say, until `signal` is aborted. A request that may succeed later (429,
 * 5xx, no response) is retried a few times, as late as Retry-After says.
 */
export function googleClient(settings: Settings, wire: Wire, signal: AbortSignal): Send {
  return async (request) => {
    const url = urlOf(request, settings);
    let waited = 0;
    for (let tries = 1; ; tries += 1) {
      const outcome = await sendOnce(request, url, { settings, wire, signal });
      const { isUntrusted } = networkFailure(outcome.failure);
      const circumstances = { tries, waited, now: Date.now(), random: Math.random() };
      const delay = isUntrusted ? undefined : retryDelay(outcome, circumstances);
      if (delay === undefined) return read(request, url, { ...outcome, tries }, settings.token);
      await wire.sleep(delay, signal);
      waited += delay;
    }
  };
}

function urlOf({ service, path, query = {} }: GoogleRequest, { endpoints }: Settings): URL {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  const url = new URL(`${endpoints[service]}${encoded}`);
  url.search = new URLSearchParams({ alt: 'json', ...query }).toString();
  return url;
}

async function sendOnce(
  { method, body }: GoogleRequest,
  url: URL,
  { settings, wire, signal }: { settings: Settings; wire: Wire; signal: AbortSignal },
): Promise<Outcome> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(settings.requestTimeout ?? wire.timeout);
  const headers = new Headers({ authorization: `Bearer ${settings.token}` });
  if (body !== undefined) headers.set('content-type', 'application/json');
  try {
    const response = await wire.fetch(url, {
      method,
      headers,
      body: JSON.stringify(body),
      // The token is for this host only.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    // The body belongs to the try: a connection can break in the middle of it.
    const text = await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
  } catch (failure) {
    signal.throwIfAborted();
    return { failure };
  }
}

function read(
  request: GoogleRequest,
  url: URL,
  { status, text = '', failure, tries }: Outcome & { tries: number },
  token: string,
): Properties {
  if (status === undefined) throw unreachable(request, url, failure, tries);
  if (status < 200 || status > 299) throw refusal(request, { code: status, text, tries }, token);
  const body = text === '' ? {} : (parseJson(text) as PropertyValue | undefined);
  if (isObject(body)) return body;
  throw unreadable(request, tries);
}

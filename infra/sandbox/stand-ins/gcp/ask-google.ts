import { setTimeout as pause } from 'node:timers/promises';
import { networkFailure } from '../../../../src/http/network-failure.ts';
import { isRetryable, MOST_TRIES, retryDelay } from '../../../../src/http/retry.ts';
import {
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { refusal, unanswered, unreadable } from './google-error.ts';
import type { Ask, Question } from './question.ts';
import type { Settings } from './settings.ts';

/** The world that calls go out into. */
export interface Wire {
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds for one try, its body included, where the settings don't say. */
  readonly timeout: number;
}

export const REAL_WIRE: Wire = {
  fetch: globalThis.fetch,
  sleep: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
  timeout: 60_000,
};

type Attempt =
  | { readonly code: number; readonly retryAfter: string | null; readonly text: string }
  | { readonly failure: unknown };

/**
 * Asks as `settings` say, until `signal` is aborted. Whatever asking again may better (429, 5xx, no
 * answer) is asked again a few times, as late as Retry-After says.
 */
export function askGoogle(settings: Settings, wire: Wire, signal: AbortSignal): Ask {
  return async (question) => {
    const url = addressOf(question, settings);
    let waited = 0;
    for (let tries = 1; ; tries += 1) {
      const attempt = await attemptOnce(question, url, { settings, wire, signal });
      const retryAfter = 'code' in attempt ? (attempt.retryAfter ?? '') : '';
      const circumstances = { tries, waited, now: Date.now(), random: Math.random() };
      const delay =
        isFinal(attempt) || tries >= MOST_TRIES ? undefined : retryDelay(retryAfter, circumstances);
      if (delay === undefined) {
        if (!('code' in attempt)) throw unanswered(question, url, attempt.failure, tries);
        if (!isGood(attempt)) throw refusal(question, { ...attempt, tries }, settings.token);
        return parseAnswer(attempt.text) ?? orThrow(unreadable(question, tries));
      }
      await wire.sleep(delay, signal);
      waited += delay;
    }
  };
}

function addressOf({ service, path, query = {} }: Question, { endpoints }: Settings): URL {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  const url = new URL(`${endpoints[service]}${encoded}`);
  for (const [name, value] of Object.entries({ alt: 'json', ...query })) {
    url.searchParams.set(name, value);
  }
  return url;
}

async function attemptOnce(
  { method, body }: Question,
  url: URL,
  { settings, wire, signal }: { settings: Settings; wire: Wire; signal: AbortSignal },
): Promise<Attempt> {
  signal.throwIfAborted();
  const patience = AbortSignal.timeout(settings.requestTimeout ?? wire.timeout);
  try {
    const response = await wire.fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${settings.token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // The token is for this host only.
      redirect: 'manual',
      signal: AbortSignal.any([signal, patience]),
    });
    // The body belongs to the try: a connection can break in the middle of it.
    const text = await response.text();
    return { code: response.status, retryAfter: response.headers.get('retry-after'), text };
  } catch (failure) {
    signal.throwIfAborted();
    return { failure };
  }
}

function isGood(attempt: Attempt): boolean {
  return 'code' in attempt && attempt.code >= 200 && attempt.code < 300;
}

/** Whether asking again would change nothing, whatever the status. */
function isFinal(attempt: Attempt): boolean {
  return 'code' in attempt
    ? !isRetryable(attempt.code)
    : networkFailure(attempt.failure).isUntrusted;
}

function parseAnswer(text: string): Properties | undefined {
  if (text === '') return {};
  try {
    const answer = JSON.parse(text) as PropertyValue;
    return isObject(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function orThrow(error: Error): never {
  throw error;
}

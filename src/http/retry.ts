import { setTimeout as pause } from 'node:timers/promises';

/** Tries in all, the first included. */
const MOST_TRIES = 5;

/** Milliseconds that the retries of one request may wait in all. */
const LONGEST_WAIT = 120_000;
const FIRST_BACKOFF = 500;

const RETRYABLE = new Set([500, 502, 503, 504]);

/** How one try ended. */
export interface Try {
  /** Whether another try would not help. */
  readonly isFinal: boolean;
  /** The Retry-After header: seconds, or a date. */
  readonly retryAfter?: string | null;
}

export interface RetryOptions {
  readonly mostTries?: number;
  readonly signal?: AbortSignal;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
}

/**
 * Calls `attempt` with 1, 2 and so on until its result is final or there may be no further try.
 * Returns the last result.
 */
export async function retry<Result extends Try>(
  attempt: (tries: number) => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  const { mostTries = MOST_TRIES, signal, now = Date.now, random = Math.random } = options;
  const { sleep = (milliseconds) => pause(milliseconds, undefined, { signal }) } = options;
  let waited = 0;
  for (let tries = 1; ; tries += 1) {
    const result = await attempt(tries);
    if (result.isFinal || tries >= mostTries) return result;
    // Half of it fixed, half random, so that a thousand images do not come back at the same moment.
    const backoff = FIRST_BACKOFF * 2 ** (tries - 1) * (0.5 + random() / 2);
    const delay = Math.max(backoff, parseRetryAfter(result.retryAfter ?? '', now()));
    // A server that wants a longer wait gets no further request: an early one only prolongs its ban.
    if (waited + delay > LONGEST_WAIT) return result;
    await sleep(delay, signal);
    waited += delay;
  }
}

interface Response {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly bytes?: Uint8Array;
}

/** Whether another try may get a better response. */
export function isRetryable(response: Response): boolean {
  return RETRYABLE.has(response.status) || isRateLimit(response);
}

/** What GitHub says with a 403 for which it may have no headers ("Rate limits for the REST API"). */
const TOO_MANY = /secondary rate limit|rate limit exceeded|abuse detection/i;

/** Seconds that GitHub wants a client to wait then. */
const PATIENCE = '60';

/** Whether a server wants fewer requests. GitHub says so with a 403, too. */
export function isRateLimit({ status, headers, bytes }: Response): boolean {
  if (status !== 403) return status === 429;
  if (headers.get('retry-after') !== null || isSpent(headers)) return true;
  return TOO_MANY.test(Buffer.from(bytes ?? []).toString());
}

function isSpent(headers: Response['headers']): boolean {
  return ['x-ratelimit-remaining', 'ratelimit-remaining'].some((name) => headers.get(name) === '0');
}

/** When to try again: the Retry-After header, or the time at which GitHub's limit begins anew. */
export function retryAfter(response: Response): string | null {
  const { status, headers } = response;
  const stated = headers.get('retry-after');
  if (stated !== null) return stated;
  if (!isSpent(headers)) return status === 403 && isRateLimit(response) ? PATIENCE : null;
  const reset = Number(headers.get('x-ratelimit-reset') ?? NaN);
  return reset > 0 ? new Date(reset * 1000).toUTCString() : null;
}

/** Milliseconds from `now`; 0 for what is neither seconds nor a date. */
function parseRetryAfter(text: string, now: number): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  return Math.max(0, (Date.parse(text) || now) - now);
}

import { setTimeout as pause } from 'node:timers/promises';

/** Tries in all, the first included. */
const MOST_TRIES = 5;

/** Milliseconds that the retries of one request may wait in all. */
const LONGEST_WAIT = 120_000;
const FIRST_BACKOFF = 500;

const RETRYABLE = new Set([429, 500, 502, 503, 504]);

/** How one try ended. */
export interface Try {
  /** Whether another try would not help. */
  readonly isFinal: boolean;
  /** The Retry-After header: seconds, or a date. */
  readonly retryAfter?: string | null;
}

export interface RetryOptions {
  readonly mostTries?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Waits for so many milliseconds. */
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
  const { mostTries = MOST_TRIES, signal, sleep = realSleep } = options;
  const { now = Date.now, random = Math.random } = options;
  let waited = 0;
  for (let tries = 1; ; tries += 1) {
    const result = await attempt(tries);
    if (result.isFinal || tries >= mostTries) return result;
    const circumstances = { tries, waited, now: now(), random: random() };
    const delay = retryDelay(result.retryAfter ?? '', circumstances);
    if (delay === undefined) return result;
    await sleep(delay, signal);
    waited += delay;
  }
}

/** Whether another try may get a better response than one with this status. */
export function isRetryable(status: number): boolean {
  return RETRYABLE.has(status);
}

/**
 * Milliseconds to wait before the next try; `undefined` when there should be none. A server that
 * wants a longer wait than is left gets no further request: an early one only prolongs its ban.
 *
 * @param tries how many there were, at least 1
 * @param waited milliseconds waited before
 */
export function retryDelay(
  retryAfter: string,
  { tries, waited, now, random }: { tries: number; waited: number; now: number; random: number },
): number | undefined {
  // Half of it fixed, half random, so that a thousand images do not come back at the same moment.
  const backoff = FIRST_BACKOFF * 2 ** (tries - 1) * (0.5 + random / 2);
  const delay = Math.max(backoff, parseRetryAfter(retryAfter, now) ?? 0);
  return waited + delay <= LONGEST_WAIT ? delay : undefined;
}

/** Milliseconds from `now`; `undefined` for what is neither seconds nor a date. */
function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function realSleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return pause(milliseconds, undefined, { signal });
}

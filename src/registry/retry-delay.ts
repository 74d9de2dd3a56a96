/** Tries in all, the first included. */
export const MOST_TRIES = 5;

/** Milliseconds that the retries of one request may wait in all. */
const LONGEST_WAIT = 120_000;
const FIRST_BACKOFF = 500;

const WORTH_RETRYING = new Set([429, 500, 502, 503, 504]);

/** The end of one try: `status` is absent when there was no answer at all. */
export interface Outcome {
  readonly status?: number;
  /** The Retry-After header: seconds, or a date. */
  readonly retryAfter?: string | null;
}

/**
 * Milliseconds to wait before the next try; `undefined` when there should be none. A registry that
 * wants a longer wait than is left is not asked again: asking early only prolongs its ban.
 *
 * @param tries how many there were, at least 1
 * @param waited milliseconds waited before
 * @param random in [0, 1)
 */
export function retryDelay(
  outcome: Outcome,
  { tries, waited, now, random }: { tries: number; waited: number; now: number; random: number },
): number | undefined {
  if (outcome.status !== undefined && !WORTH_RETRYING.has(outcome.status)) return undefined;
  if (tries >= MOST_TRIES) return undefined;
  // Half of it fixed, half random, so that a thousand images do not come back at the same moment.
  const backoff = FIRST_BACKOFF * 2 ** (tries - 1) * (0.5 + random / 2);
  const delay = Math.max(backoff, parseRetryAfter(outcome.retryAfter ?? '', now) ?? 0);
  return waited + delay <= LONGEST_WAIT ? delay : undefined;
}

/** Milliseconds from `now`; `undefined` for what is neither seconds nor a date. */
function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

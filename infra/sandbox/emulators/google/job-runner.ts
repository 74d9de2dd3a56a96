import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import { millisecondsOf } from './field-types.ts';
import type { Job, RetryConfig } from './job.ts';
import type { Resources } from './resources.ts';
import { sendRequest, type Attempt } from './send-request.ts';

/** The outcome of a run. */
interface JobRun {
  readonly state: 'SUCCEEDED' | 'FAILED';
  readonly attempts: readonly Attempt[];
}

interface JobRunner {
  /** Runs a job to its end, with its retries. ABORTED while it runs already: runs never overlap. */
  run(name: string): Promise<JobRun>;
  /** Ends every run, and waits until they have ended. */
  close(): Promise<void>;
}

/** Runs jobs: their requests are really sent, and the time between two attempts really passes. */
export function createJobRunner(jobs: Resources<Job>, timestamp: () => string): JobRunner {
  const running = new Map<string, Promise<JobRun>>();
  const closing = new AbortController();

  async function attemptAll(name: string): Promise<JobRun> {
    const scheduled = timestamp();
    const begun = Date.now();
    const attempts: Attempt[] = [];
    for (;;) {
      const job = jobs.get(name);
      // It may have been deleted meanwhile.
      if (job === undefined) break;
      const attempt = await sendRequest(name, job, scheduled, closing.signal);
      attempts.push(attempt);
      const { status, time: lastAttemptTime } = attempt;
      if (jobs.get(name) !== undefined) jobs.update(name, { status, lastAttemptTime });
      if (status.code === undefined) break;
      const wait = nextWait(job.retryConfig ?? {}, attempts.length, Date.now() - begun);
      if (wait === undefined || closing.signal.aborted) break;
      await pause(wait, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    const succeeded = attempts.at(-1)?.status.code === undefined;
    return { state: succeeded ? 'SUCCEEDED' : 'FAILED', attempts };
  }

  return {
    run(name) {
      if (running.has(name)) throw new ApiError('ABORTED', `Job ${name} is running.`);
      const run = attemptAll(name).finally(() => running.delete(name));
      running.set(name, run);
      return run;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running.values());
    },
  };
}

/**
 * Milliseconds until the next attempt: the shortest wait doubles `maxDoublings` times, then grows by
 * the last step, up to the longest (RetryConfig). `undefined` when there is none.
 *
 * @param attempts how many there were
 * @param elapsed milliseconds since the first one began
 */
export function nextWait(
  retries: RetryConfig,
  attempts: number,
  elapsed: number,
): number | undefined {
  const { retryCount = 0, maxDoublings = 5, maxRetryDuration = '0s' } = retries;
  const { minBackoffDuration = '5s', maxBackoffDuration = '3600s' } = retries;
  const limit = millisecondsOf(maxRetryDuration);
  // "If specified with retryCount, the job will be retried until both limits are reached."
  if (attempts > retryCount && elapsed >= limit) return undefined;
  const doublings = Math.min(attempts - 1, maxDoublings);
  const doubled = millisecondsOf(minBackoffDuration) * 2 ** doublings;
  const wait = doubled * Math.max(1, attempts - maxDoublings);
  return Math.min(wait, millisecondsOf(maxBackoffDuration));
}

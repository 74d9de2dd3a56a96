import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import type { Clock } from './clock.ts';
import { millisecondsOf } from './duration.ts';
import { completeJob, type Job, type RetryConfig } from './job.ts';
import { sendRequest, type Attempt } from './send-request.ts';
import type { Collection } from './store.ts';

/** What became of a run. */
export interface JobRun {
  readonly state: 'SUCCEEDED' | 'FAILED';
  readonly attempts: readonly Attempt[];
}

export interface JobRunner {
  /** Runs a job to its end, with its retries. ABORTED while it runs already: runs never overlap. */
  run(name: string): Promise<JobRun>;
  /** Starts a run and does not wait for it. */
  start(name: string): void;
  /** Ends every run, and waits until they have ended. */
  close(): Promise<void>;
}

/** Runs jobs: their calls are really made, and the time between two attempts really passes. */
export function createJobRunner(jobs: Collection<Job>, clock: Clock): JobRunner {
  const running = new Map<string, Promise<JobRun>>();
  const closing = new AbortController();

  const begin = (name: string): Promise<JobRun> => {
    if (running.has(name)) throw new ApiError('ABORTED', `Job ${name} is running.`);
    const run = attemptAll(name).finally(() => running.delete(name));
    running.set(name, run);
    return run;
  };

  async function attemptAll(name: string): Promise<JobRun> {
    const scheduled = clock.timestamp();
    const begun = Date.now();
    const attempts: Attempt[] = [];
    for (;;) {
      const job = jobs.get(name);
      if (job === undefined) break;
      const attempt = await sendRequest(completeJob(job), scheduled, closing.signal);
      attempts.push(attempt);
      note(name, attempt);
      if (attempt.status.code === undefined) break;
      const wait = nextWait(job.retryConfig ?? {}, attempts.length, Date.now() - begun);
      if (wait === undefined || closing.signal.aborted) break;
      await pause(wait, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    const succeeded = attempts.at(-1)?.status.code === undefined;
    return { state: succeeded ? 'SUCCEEDED' : 'FAILED', attempts };
  }

  function note(name: string, { status, time }: Attempt): void {
    const job = jobs.get(name);
    // It may have been deleted meanwhile.
    if (job !== undefined) jobs.set(name, { ...job, status, lastAttemptTime: time });
  }

  return {
    run: (name) => begin(name),
    start(name) {
      begin(name).catch(() => undefined);
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

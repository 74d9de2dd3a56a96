import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, numberOf, statusOf, type ErrorStatus } from './api-error.ts';
import { millisecondsOf } from './field-types.ts';
import { accessTokenOf } from './identities.ts';
import { completeJob, type Job, type RetryConfig } from './job.ts';
import type { Resources } from './resources.ts';

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

/** One attempt to send a job's request. */
interface Attempt {
  /** RFC 3339, of the emulator's schedule. */
  readonly time: string;
  /** Absent when there was no response. */
  readonly httpStatus?: number;
  /** google.rpc.Status; without a code, the attempt succeeded. */
  readonly status: { readonly code?: number; readonly message?: string };
}

/** google.rpc.Code for an HTTP status that stands for no code. */
const UNKNOWN = 2;

/**
 * Sends a job's request as Cloud Scheduler does, with its own headers and a token that names the
 * service account and is good for nothing. A response of 200 to 299 is a success.
 */
export async function sendRequest(
  name: string,
  job: Job,
  time: string,
  closing: AbortSignal,
): Promise<Attempt> {
  const { httpTarget = {}, attemptDeadline = '180s' } = completeJob(job);
  const { uri = '', httpMethod, headers, body, oauthToken } = httpTarget;
  const token = oauthToken && accessTokenOf(oauthToken.serviceAccountEmail);
  const deadline = AbortSignal.timeout(millisecondsOf(attemptDeadline));
  try {
    const { status: httpStatus } = await fetch(uri, {
      method: httpMethod,
      headers: {
        ...headers,
        'X-CloudScheduler': 'true',
        'X-CloudScheduler-JobName': name.split('/').at(-1) ?? '',
        'X-CloudScheduler-ScheduleTime': time,
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([deadline, closing]),
      body: body === undefined ? undefined : Buffer.from(body, 'base64'),
    });
    if (httpStatus >= 200 && httpStatus < 300) return { time, httpStatus, status: {} };
    const code = statusOf(httpStatus) ?? (httpStatus >= 500 ? 'INTERNAL' : undefined);
    return { time, httpStatus, status: failure(code, `the target responded ${httpStatus}`) };
  } catch (error) {
    if (deadline.aborted) {
      const message = `no response within ${attemptDeadline}`;
      return { time, status: failure('DEADLINE_EXCEEDED', message) };
    }
    const cause = error instanceof Error ? error.cause : undefined;
    const reason = cause instanceof Error ? cause.message : 'no response';
    return { time, status: failure('UNAVAILABLE', reason) };
  }
}

function failure(status: ErrorStatus | undefined, message: string): Attempt['status'] {
  return { code: status === undefined ? UNKNOWN : numberOf(status), message };
}

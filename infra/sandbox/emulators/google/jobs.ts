import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, invalidArgument, rpcStatus, statusOf } from './api-error.ts';
import type { Clock } from './clock.ts';
import { accessTokenOf } from './identities.ts';
import { checkJob, completeJob, Job, MUTABLE, RETRIES, type RetryConfig } from './job.ts';
import { millisecondsOf } from './message-json.ts';
import { openResources, type Resources, type World } from './resources.ts';
import { route } from './router.ts';

const PATH = 'projects/{project}/locations/{location}/jobs/{job}';

/** Cloud Scheduler v1; and `POST /emulator/v1/jobs/<full name>:fire`, which does what the schedule does. */
export function openJobs(world: World) {
  const jobs = openResources<Job>(
    {
      path: PATH,
      file: 'jobs',
      message: Job,
      mutable: Object.keys(MUTABLE),
      // The official plug-in sends no mask, and means the whole job.
      defaultMask: '*',
      initial: () => ({ state: 'ENABLED' }),
      changedField: 'userUpdateTime',
      check: checkJob,
      id: {
        pattern: /^[A-Za-z0-9_-]{1,500}$/,
        rule: '1 to 500 letters, digits, hyphens and underscores',
      },
      idOf({ name = '' }, collection) {
        if (name.startsWith(`${collection}/`)) return name.slice(collection.length + 1);
        throw invalidArgument(
          `Job name must be formatted "${collection}/<JOB_ID>", not "${name}".`,
        );
      },
      view: (name, job) => completeJob({ ...job, name }),
    },
    world,
  );
  const runner = createJobRunner(jobs, world.clock);
  const verbs = [
    route('POST', `emulator/v1/jobs/${PATH}:fire`, ({ name: path }) => {
      const name = path.slice(path.indexOf('projects/'));
      if (jobs.find(name).state !== 'PAUSED') return runner.run(name);
      throw new ApiError('ABORTED', 'The job is paused: its schedule starts no run.');
    }),
    route('POST', `v1/${PATH}:pause`, ({ name }) => jobs.update(name, { state: 'PAUSED' })),
    route('POST', `v1/${PATH}:resume`, ({ name }) => jobs.update(name, { state: 'ENABLED' })),
  ];
  return { routes: [...verbs, ...jobs.routes], close: () => runner.close() };
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

/** Runs jobs: their requests are really sent, and the time between two attempts really passes. */
function createJobRunner(jobs: Resources<Job>, clock: Clock) {
  const running = new Map<string, Promise<unknown>>();
  const closing = new AbortController();

  async function attemptAll(name: string) {
    const scheduled = clock.timestamp();
    const attempts: Attempt[] = [];
    // The job may be deleted meanwhile.
    for (let job = jobs.get(name); job !== undefined; job = jobs.get(name)) {
      const attempt = await sendRequest(name, job, scheduled, closing.signal);
      attempts.push(attempt);
      const { status, time: lastAttemptTime } = attempt;
      if (jobs.get(name) !== undefined) jobs.update(name, { status, lastAttemptTime });
      if (status.code === undefined) break;
      const wait = nextWait(job.retryConfig ?? {}, attempts.length);
      if (wait === undefined || closing.signal.aborted) break;
      await pause(wait, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    const succeeded = attempts.at(-1)?.status.code === undefined;
    return { state: succeeded ? 'SUCCEEDED' : 'FAILED', attempts };
  }

  return {
    /** Runs a job to its end, with its retries. ABORTED while it runs already: runs never overlap. */
    run(name: string) {
      if (running.has(name)) throw new ApiError('ABORTED', `Job ${name} is running.`);
      const run = attemptAll(name).finally(() => running.delete(name));
      running.set(name, run);
      return run;
    },
    /** Ends every run, and waits until they have ended. */
    async close() {
      closing.abort();
      await Promise.allSettled(running.values());
    },
  };
}

/**
 * Milliseconds until the next attempt, after so many: the shortest wait doubles `maxDoublings` times, up
 * to the longest. `undefined` when there is none. `maxRetryDuration` has no effect in the emulator.
 */
export function nextWait(retries: RetryConfig, attempts: number): number | undefined {
  const { retryCount = 0, ...config } = { ...RETRIES, ...retries };
  if (attempts > retryCount) return undefined;
  const doublings = Math.min(attempts - 1, config.maxDoublings);
  const wait = millisecondsOf(config.minBackoffDuration) * 2 ** doublings;
  return Math.min(wait, millisecondsOf(config.maxBackoffDuration));
}

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
  const account = oauthToken?.serviceAccountEmail;
  const deadline = AbortSignal.timeout(millisecondsOf(attemptDeadline));
  try {
    const { status: httpStatus, ok } = await fetch(uri, {
      method: httpMethod,
      headers: {
        ...headers,
        'X-CloudScheduler': 'true',
        'X-CloudScheduler-JobName': name.split('/').at(-1) ?? '',
        'X-CloudScheduler-ScheduleTime': time,
        ...(account !== undefined && { Authorization: `Bearer ${accessTokenOf(account)}` }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([deadline, closing]),
      body: body === undefined ? undefined : Buffer.from(body, 'base64'),
    });
    if (ok) return { time, httpStatus, status: {} };
    const message = `the target responded ${httpStatus}`;
    return { time, httpStatus, status: rpcStatus(statusOf(httpStatus), message) };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const reason = cause instanceof Error ? cause.message : 'no response';
    const status = deadline.aborted
      ? rpcStatus('DEADLINE_EXCEEDED', `no response within ${attemptDeadline}`)
      : rpcStatus('UNAVAILABLE', reason);
    return { time, status };
  }
}

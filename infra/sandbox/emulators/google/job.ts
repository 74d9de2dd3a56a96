import { z } from 'zod';
import { isCron } from '../../../../src/settings/schedule.ts';
import { invalidArgument } from './api-error.ts';
import { Duration, millisecondsOf, textUpTo } from './field-types.ts';

/** google.cloud.scheduler.v1.HttpTarget, as far as it is for Google's own APIs. */
const HttpTarget = z
  .strictObject({
    uri: textUpTo(2083).refine(
      (uri) => /^https?:$/.test(URL.parse(uri)?.protocol ?? ''),
      'it must start with http:// or https://',
    ),
    httpMethod: z.enum(['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']),
    headers: z.record(z.string(), z.string()),
    // In base64, with or without padding, in either alphabet.
    body: z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'TYPE_BYTES'),
    oauthToken: z.strictObject({
      serviceAccountEmail: z
        .string()
        .regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, "a service account's address"),
      scope: z.string().optional(),
    }),
  })
  .partial();
export type HttpTarget = z.infer<typeof HttpTarget>;

/** google.cloud.scheduler.v1.RetryConfig. */
const RetryConfig = z
  .strictObject({
    retryCount: z.int32().min(0, 'it must be 0 to 5').max(5, 'it must be 0 to 5'),
    maxRetryDuration: Duration,
    minBackoffDuration: Duration,
    maxBackoffDuration: Duration,
    maxDoublings: z.int32().min(0, 'it must not be negative'),
  })
  .partial();
export type RetryConfig = z.infer<typeof RetryConfig>;

/** google.cloud.scheduler.v1.Job with an HTTP target. */
export const Job = z
  .strictObject({
    name: z.string(),
    description: textUpTo(500),
    schedule: z.string(),
    timeZone: z.string(),
    httpTarget: HttpTarget,
    retryConfig: RetryConfig,
    attemptDeadline: Duration.refine((deadline) => {
      const seconds = millisecondsOf(deadline) / 1000;
      return seconds >= 15 && seconds <= 1800;
    }, 'it must be between 15 seconds and 30 minutes'),
    state: z.string(),
    /** google.rpc.Status of the last attempt. */
    status: z.looseObject({ code: z.number().optional(), message: z.string().optional() }),
    userUpdateTime: z.string(),
    lastAttemptTime: z.string(),
  })
  .partial();
export type Job = z.infer<typeof Job>;

/** Rejects a job whose fields do not go together. */
export function checkJob({ schedule, timeZone = 'Etc/UTC', retryConfig, httpTarget }: Job): void {
  if (httpTarget?.uri === undefined) throw invalidArgument('Job must have a target with a uri.');
  if (schedule === undefined || !isCron(schedule) || !isTimeZone(timeZone)) {
    // In these words, whichever of the two it is.
    throw invalidArgument('Schedule or time zone is invalid.');
  }
  const { minBackoffDuration = '5s', maxBackoffDuration = '3600s' } = retryConfig ?? {};
  if (millisecondsOf(minBackoffDuration) > millisecondsOf(maxBackoffDuration)) {
    throw invalidArgument(
      'RetryConfig.min_backoff_duration must not be greater than max_backoff_duration.',
    );
  }
}

/** A name of the tz database; an offset is none. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * A job with everything that the service fills in: the defaults of fields that are not set, and the
 * headers that it adds. The official plug-in relies on `state` and `httpTarget.headers`. A job without
 * a retry configuration has none in a response: a default would be a difference at each refresh.
 */
export function completeJob(job: Job): Job {
  return {
    timeZone: 'Etc/UTC',
    attemptDeadline: '180s',
    ...job,
    retryConfig: job.retryConfig && {
      maxRetryDuration: '0s',
      minBackoffDuration: '5s',
      maxBackoffDuration: '3600s',
      maxDoublings: 5,
      ...job.retryConfig,
    },
    httpTarget: job.httpTarget && completeTarget(job.httpTarget),
  };
}

function completeTarget(target: HttpTarget): HttpTarget {
  const { body, headers: given = {}, oauthToken } = target;
  const names = Object.keys(given).map((name) => name.toLowerCase());
  const headers = { ...given };
  if (!names.includes('user-agent')) headers['User-Agent'] = 'Google-Cloud-Scheduler';
  if (body !== undefined && !names.includes('content-type')) {
    headers['Content-Type'] = 'application/octet-stream';
  }
  return {
    httpMethod: 'POST',
    ...target,
    headers,
    oauthToken: oauthToken && {
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      ...oauthToken,
    },
  };
}

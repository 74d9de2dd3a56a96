import { z } from 'zod';
import { isCron, isTimeZone } from '../../../../src/settings/schedule.ts';
import { invalidArgument } from './api-error.ts';
import { Duration, millisecondsOf, textUpTo } from './message-json.ts';

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

/** The fields that a patch can change. */
export const MUTABLE = {
  description: textUpTo(500),
  schedule: z.string(),
  timeZone: z.string(),
  httpTarget: HttpTarget,
  retryConfig: RetryConfig,
  attemptDeadline: Duration.refine((deadline) => {
    const seconds = millisecondsOf(deadline) / 1000;
    return seconds >= 15 && seconds <= 1800;
  }, 'it must be between 15 seconds and 30 minutes'),
};

/** google.cloud.scheduler.v1.Job with an HTTP target. */
export const Job = z
  .strictObject({
    ...MUTABLE,
    name: z.string(),
    state: z.string(),
    /** google.rpc.Status of the last attempt. */
    status: z.looseObject({ code: z.number().optional(), message: z.string().optional() }),
    userUpdateTime: z.string(),
    lastAttemptTime: z.string(),
  })
  .partial();
export type Job = z.infer<typeof Job>;

/** The service's defaults. */
export const RETRIES = {
  maxRetryDuration: '0s',
  minBackoffDuration: '5s',
  maxBackoffDuration: '3600s',
  maxDoublings: 5,
};

/** Rejects a job whose fields do not go together. */
export function checkJob({ schedule = '', timeZone = 'Etc/UTC', httpTarget }: Job): void {
  if (httpTarget?.uri === undefined) throw invalidArgument('Job must have a target with a uri.');
  if (isCron(schedule) && isTimeZone(timeZone)) return;
  // In these words, whichever of the two it is.
  throw invalidArgument('Schedule or time zone is invalid.');
}

/**
 * A job with everything that the service fills in: the defaults of fields that are not set, and the
 * headers that it adds. The official plug-in relies on `state` and `httpTarget.headers`. A job without
 * a retry configuration has none in a response: a default would be a difference at each refresh.
 */
export function completeJob(job: Job): Job {
  const { retryConfig, httpTarget = {} } = job;
  const { body, oauthToken } = httpTarget;
  const scope = 'https://www.googleapis.com/auth/cloud-platform';
  return {
    timeZone: 'Etc/UTC',
    attemptDeadline: '180s',
    ...job,
    retryConfig: retryConfig && { ...RETRIES, ...retryConfig },
    httpTarget: {
      httpMethod: 'POST',
      ...httpTarget,
      headers: {
        'User-Agent': 'Google-Cloud-Scheduler',
        ...(body !== undefined && { 'Content-Type': 'application/octet-stream' }),
        ...httpTarget.headers,
      },
      oauthToken: oauthToken && { scope, ...oauthToken },
    },
  };
}

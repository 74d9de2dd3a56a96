import { z } from 'zod';
import { Duration } from './duration.ts';
import { Base64, Int } from './wire-values.ts';

const METHODS = ['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;

/** google.cloud.scheduler.v1.HttpTarget. */
export const HttpTarget = z.strictObject({
  uri: z.string().optional(),
  httpMethod: z.enum(['HTTP_METHOD_UNSPECIFIED', ...METHODS]).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: Base64.optional(),
  oauthToken: z
    .strictObject({ serviceAccountEmail: z.string().optional(), scope: z.string().optional() })
    .optional(),
  oidcToken: z
    .strictObject({ serviceAccountEmail: z.string().optional(), audience: z.string().optional() })
    .optional(),
});
export type HttpTarget = z.infer<typeof HttpTarget>;

/** google.cloud.scheduler.v1.RetryConfig. */
const RetryConfig = z.strictObject({
  retryCount: Int.optional(),
  maxRetryDuration: Duration.optional(),
  minBackoffDuration: Duration.optional(),
  maxBackoffDuration: Duration.optional(),
  maxDoublings: Int.optional(),
});
export type RetryConfig = z.infer<typeof RetryConfig>;

/** google.rpc.Status of the last attempt. */
const Status = z.looseObject({ code: z.number().optional(), message: z.string().optional() });

/** google.cloud.scheduler.v1.Job. */
export const Job = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  schedule: z.string().optional(),
  timeZone: z.string().optional(),
  httpTarget: HttpTarget.optional(),
  pubsubTarget: z.looseObject({}).optional(),
  appEngineHttpTarget: z.looseObject({}).optional(),
  retryConfig: RetryConfig.optional(),
  attemptDeadline: Duration.optional(),
  // Written by the service only; taken and left out, as Google does.
  state: z.string().optional(),
  status: Status.optional(),
  userUpdateTime: z.string().optional(),
  lastAttemptTime: z.string().optional(),
  scheduleTime: z.string().optional(),
});
export type Job = z.infer<typeof Job>;

/** The fields that `patch` may change. */
export const MUTABLE_FIELDS = [
  'description',
  'schedule',
  'timeZone',
  'httpTarget',
  'pubsubTarget',
  'appEngineHttpTarget',
  'retryConfig',
  'attemptDeadline',
] as const;

/**
 * A job with what the service fills in: the defaults of fields that are not set, and the headers that
 * it adds. The official plug-in relies on `state` and `httpTarget.headers`. A job without a
 * retry configuration is answered without one: a default would be a difference at each refresh.
 */
export function completeJob(job: Job): Job {
  const { httpTarget, retryConfig } = job;
  return {
    ...job,
    timeZone: job.timeZone ?? 'Etc/UTC',
    attemptDeadline: job.attemptDeadline ?? '180s',
    ...(retryConfig && {
      retryConfig: {
        maxRetryDuration: '0s',
        minBackoffDuration: '5s',
        maxBackoffDuration: '3600s',
        maxDoublings: 5,
        ...retryConfig,
      },
    }),
    ...(httpTarget && { httpTarget: completeTarget(httpTarget) }),
  };
}

function completeTarget(target: HttpTarget): HttpTarget {
  const { httpMethod, body, headers = {}, oauthToken, oidcToken } = target;
  const has = (name: string) => Object.keys(headers).some((key) => key.toLowerCase() === name);
  return {
    ...target,
    httpMethod:
      httpMethod === undefined || httpMethod === 'HTTP_METHOD_UNSPECIFIED' ? 'POST' : httpMethod,
    headers: {
      ...headers,
      ...(!has('user-agent') && { 'User-Agent': 'Google-Cloud-Scheduler' }),
      ...(body !== undefined &&
        !has('content-type') && { 'Content-Type': 'application/octet-stream' }),
    },
    ...(oauthToken && {
      oauthToken: { scope: 'https://www.googleapis.com/auth/cloud-platform', ...oauthToken },
    }),
    ...(oidcToken && { oidcToken: { audience: target.uri ?? '', ...oidcToken } }),
  };
}

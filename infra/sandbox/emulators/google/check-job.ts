import { invalidArgument } from './api-error.ts';
import { isCron } from '../../../../src/settings/schedule.ts';
import { millisecondsOf } from './duration.ts';
import type { HttpTarget, Job, RetryConfig } from './job.ts';

const TARGETS = ['httpTarget', 'pubsubTarget', 'appEngineHttpTarget'] as const;
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
const SERVICE_ACCOUNT = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const OWN_HEADERS = /^(?:content-length|host|x-google-.*|x-appengine-.*|x-cloudscheduler.*)$/i;
const MOST_RETRIES = 5;
const LONGEST_DESCRIPTION = 500;
const LONGEST_URI = 2083;

/** Refuses a job that has the right shape but that Cloud Scheduler would not take. */
export function checkJob(job: Job): void {
  const { description = '', schedule, timeZone, attemptDeadline, retryConfig, httpTarget } = job;
  const targets = TARGETS.filter((target) => job[target] !== undefined);
  if (targets.length !== 1) {
    throw invalidArgument(
      targets.length === 0
        ? 'Job must have a target.'
        : `Invalid value at 'job' (oneof), oneof field 'target' is already set. Cannot set '${targets[1] ?? ''}'`,
    );
  }
  if (schedule === undefined || !isCron(schedule) || !isTimeZone(timeZone ?? 'Etc/UTC')) {
    // In these words, whichever of the two it is.
    throw invalidArgument('Schedule or time zone is invalid.');
  }
  if (description.length > LONGEST_DESCRIPTION) {
    throw invalidArgument(`Job description has more than ${LONGEST_DESCRIPTION} characters.`);
  }
  checkDeadline(attemptDeadline);
  checkRetries(retryConfig ?? {});
  if (httpTarget !== undefined) checkTarget(httpTarget);
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

function checkDeadline(deadline = '180s'): void {
  const seconds = millisecondsOf(deadline) / 1000;
  if (seconds >= 15 && seconds <= 1800) return;
  throw invalidArgument(
    `Job.attempt_deadline is ${deadline}: it must be between 15 seconds and 30 minutes.`,
  );
}

function checkRetries(retries: RetryConfig): void {
  const { retryCount = 0, maxDoublings = 0, minBackoffDuration = '5s' } = retries;
  const { maxBackoffDuration = '3600s', maxRetryDuration = '0s' } = retries;
  if (retryCount < 0 || retryCount > MOST_RETRIES) {
    throw invalidArgument(
      `RetryConfig.retry_count is ${retryCount}: it must be 0 to ${MOST_RETRIES}.`,
    );
  }
  if (maxDoublings < 0) throw invalidArgument('RetryConfig.max_doublings must not be negative.');
  for (const duration of [minBackoffDuration, maxBackoffDuration, maxRetryDuration]) {
    if (millisecondsOf(duration) < 0) {
      throw invalidArgument(`RetryConfig has the negative duration ${duration}.`);
    }
  }
  if (millisecondsOf(minBackoffDuration) > millisecondsOf(maxBackoffDuration)) {
    throw invalidArgument(
      'RetryConfig.min_backoff_duration must not be greater than max_backoff_duration.',
    );
  }
}

function checkTarget({ uri = '', httpMethod, headers, body, ...target }: HttpTarget): void {
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol) || uri.length > LONGEST_URI) {
    throw invalidArgument(
      `HttpTarget.uri is "${uri}": it must start with http:// or https:// and have at most ${LONGEST_URI} characters.`,
    );
  }
  if (body !== undefined && !WITH_BODY.has(methodOf(httpMethod))) {
    throw invalidArgument(
      'HTTP request body is only allowed if the method is POST, PUT, or PATCH.',
    );
  }
  for (const name of Object.keys(headers ?? {})) {
    if (!HEADER_NAME.test(name) || OWN_HEADERS.test(name)) {
      throw invalidArgument(`HttpTarget.headers: "${name}" can't be set.`);
    }
  }
  checkTokens(target);
}

function methodOf(method: HttpTarget['httpMethod']): string {
  return method === undefined || method === 'HTTP_METHOD_UNSPECIFIED' ? 'POST' : method;
}

/** An OAuth token is meant for Google's own APIs, but Cloud Scheduler takes it for any address. */
function checkTokens({
  oauthToken,
  oidcToken,
}: Pick<HttpTarget, 'oauthToken' | 'oidcToken'>): void {
  if (oauthToken !== undefined && oidcToken !== undefined) {
    throw invalidArgument(
      "Invalid value at 'job.http_target' (oneof), oneof field 'authorization_header' is already set. Cannot set 'oidcToken'",
    );
  }
  const token = oauthToken ?? oidcToken;
  if (token === undefined || SERVICE_ACCOUNT.test(token.serviceAccountEmail ?? '')) return;
  throw invalidArgument(
    `service_account_email is "${token.serviceAccountEmail ?? ''}": it must be a service account's address.`,
  );
}

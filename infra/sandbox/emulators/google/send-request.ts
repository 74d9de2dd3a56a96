import { numberOf, statusOf, type ErrorStatus } from './api-error.ts';
import { millisecondsOf } from './field-types.ts';
import { completeJob, type Job } from './job.ts';
import { accessTokenOf } from './permissions.ts';

/** One attempt to send a job's request. */
export interface Attempt {
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

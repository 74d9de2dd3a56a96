import { accessTokenOf } from './access-token.ts';
import { millisecondsOf } from './duration.ts';
import type { HttpTarget, Job } from './job.ts';

/** One attempt to make a job's call. */
export interface Attempt {
  /** RFC 3339, of the emulator's schedule. */
  readonly time: string;
  /** Absent when there was no answer. */
  readonly httpStatus?: number;
  /** google.rpc.Status; without a code, it went well. */
  readonly status: { readonly code?: number; readonly message?: string };
}

// google.rpc.Code, by the HTTP status that stands for it.
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  499: 1,
  501: 12,
  503: 14,
  504: 4,
};
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const UNAVAILABLE = 14;

/**
 * Makes a complete job's HTTP call as Cloud Scheduler makes it, with its own headers and a token that
 * names the service account and is good for nothing. An answer of 200 to 299 is a success.
 */
export async function sendRequest(job: Job, time: string, closing: AbortSignal): Promise<Attempt> {
  const { httpTarget: target, attemptDeadline = '180s' } = job;
  if (target?.uri === undefined) {
    const message = 'The emulator makes the calls of HTTP targets only.';
    return { time, status: { code: UNIMPLEMENTED, message } };
  }
  const deadline = AbortSignal.timeout(millisecondsOf(attemptDeadline));
  try {
    const { status: httpStatus } = await fetch(target.uri, {
      method: target.httpMethod ?? 'POST',
      headers: headersOf(job, target, time),
      redirect: 'manual',
      signal: AbortSignal.any([deadline, closing]),
      ...(target.body !== undefined && { body: Buffer.from(target.body, 'base64') }),
    });
    return { time, httpStatus, status: statusOf(httpStatus) };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const reason = cause instanceof Error ? cause.message : 'no answer';
    return deadline.aborted
      ? {
          time,
          status: { code: DEADLINE_EXCEEDED, message: `no answer within ${attemptDeadline}` },
        }
      : { time, status: { code: UNAVAILABLE, message: reason } };
  }
}

function statusOf(httpStatus: number): Attempt['status'] {
  if (httpStatus >= 200 && httpStatus < 300) return {};
  const code = RPC_CODES[httpStatus] ?? (httpStatus >= 500 ? INTERNAL : UNKNOWN);
  return { code, message: `the target answered ${httpStatus}` };
}

function headersOf({ name = '' }: Job, target: HttpTarget, time: string): Record<string, string> {
  const token = tokenOf(target);
  return {
    ...target.headers,
    'X-CloudScheduler': 'true',
    'X-CloudScheduler-JobName': name.split('/').at(-1) ?? '',
    'X-CloudScheduler-ScheduleTime': time,
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
}

function tokenOf({ oauthToken, oidcToken }: HttpTarget): string | undefined {
  if (oauthToken !== undefined) {
    return accessTokenOf(oauthToken.serviceAccountEmail ?? '');
  }
  if (oidcToken === undefined) return undefined;
  const { serviceAccountEmail: email, audience: aud } = oidcToken;
  // An identity token is a JWT; this one has no signature, so that nobody takes it for a real one.
  const parts = [
    { alg: 'none', typ: 'JWT' },
    { iss: 'https://accounts.google.com', aud, email },
  ];
  const encoded = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${encoded.join('.')}.`;
}

import {
  countTries,
  failureRemedy,
  type HttpFailure,
  type HttpResponse,
} from '../../../../src/http/fetch-with-retry.ts';
import { parseJson } from '../../../../src/json.ts';
import { redact } from '../../../../src/redact.ts';
import { isList, isObject, type PropertyValue } from '../../../oci/protocol/resource-type.ts';
import type { GoogleRequest } from './google-client.ts';
import { textOf } from './property.ts';

const LONGEST_QUOTE = 600;

/** A request that Google refused, or did not respond to. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** The HTTP status; absent when there was no response. */
  readonly code: number | undefined;
  /** How often the request was sent: after the first time, an earlier try may have done the work. */
  readonly tries: number;

  constructor(message: string, { code, tries }: { code?: number; tries: number }) {
    super(message);
    this.code = code;
    this.tries = tries;
  }
}

export function hasCode(error: unknown, code: number): error is GoogleError {
  return error instanceof GoogleError && error.code === code;
}

/** A response; `undefined` where Google does not have the resource (404). */
export async function unlessGone<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (hasCode(error, 404)) return undefined;
    throw error;
  }
}

/** The error for a response that refuses a request. `token` is struck out of the words of Google, or of a proxy. */
export function refusal(
  request: GoogleRequest,
  { status: code, bytes, tries }: HttpResponse,
  token: string,
): GoogleError {
  const body = parseJson(bytes) as PropertyValue | undefined;
  // google.rpc.Status as the REST APIs write it; of anything else, all is the message.
  const error =
    isObject(body) && isObject(body['error']) ? body['error'] : { message: bytes.toString() };
  const status = `${String(code)} ${textOf(error, 'status')}`.trim();
  const message = redact(textOf(error, 'message'), [token], LONGEST_QUOTE);
  const reason = message === '' ? status : `${status} (${message})`;
  const details = isList(error['details']) ? error['details'].filter(isObject) : [];
  const remedy = details.some((detail) => detail['reason'] === 'SERVICE_DISABLED')
    ? `enable the API: gcloud services enable ${request.service.toLowerCase()}.googleapis.com`
    : remedyOf(request, code);
  const problem = `could not ${request.purpose}: Google responded with ${reason}`;
  return new GoogleError(`${problem}; ${remedy}`, { code, tries });
}

/** The error for a request that had no response. */
export function unreachable({ purpose }: GoogleRequest, url: URL, failure: HttpFailure) {
  const { reason, tries } = failure;
  const otherwise =
    'check the network and the custom endpoints of the gcp settings, and run this again';
  const problem = `could not ${purpose}: ${reason} (${countTries(tries)} at ${url.origin})`;
  return new GoogleError(`${problem}; ${failureRemedy(failure, otherwise)}`, { tries });
}

/** The error for a good response that is no JSON object. */
export function unreadable({ purpose, service }: GoogleRequest, { tries }: HttpResponse) {
  const problem = `could not ${purpose}: the response of ${service} is no JSON`;
  return new GoogleError(`${problem}; check the custom endpoints of the gcp settings`, { tries });
}

function remedyOf({ permission, conflict }: GoogleRequest, code: number): string {
  const remedies: Readonly<Record<number, string>> = {
    400: 'correct what Google names',
    401: 'the access token is not valid (any more): get another, and run this again',
    403: `grant the account that runs this ${permission}`,
    404: 'check the project and the location: what this belongs to is not there',
    409: conflict ?? 'somebody else is changing it: run this again',
    429: 'wait for the quota, or ask Google for more of it, and run this again',
  };
  return remedies[code] ?? 'run this again, later if need be';
}

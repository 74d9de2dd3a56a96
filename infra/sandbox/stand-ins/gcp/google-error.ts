import { parseJson } from '../../../../src/json.ts';
import { networkFailure, TRUST_REMEDY } from '../../../../src/http/network-failure.ts';
import { listOf, object, text } from '../../../oci/protocol/read-property.ts';
import type { Properties, PropertyValue } from '../../../oci/protocol/resource-type.ts';
import type { Question } from './question.ts';

const LONGEST_QUOTE = 600;

/** A call that Google refused, or didn't answer. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError';
  /** What was asked for, and how it ended. */
  readonly problem: string;
  /** The HTTP status; absent when there was no answer. */
  readonly code: number | undefined;
  /** Google's name for what went wrong, such as `ALREADY_EXISTS`; empty where it has none. */
  readonly status: string;
  /** How often it was asked: after the first time, an earlier try may have done the work. */
  readonly tries: number;

  constructor(
    problem: string,
    remedy: string,
    { code, status = '', tries }: { code?: number; status?: string; tries: number },
  ) {
    super(`${problem}; ${remedy}`);
    this.problem = problem;
    this.code = code;
    this.status = status;
    this.tries = tries;
  }
}

export function hasCode(error: unknown, code: number): error is GoogleError {
  return error instanceof GoogleError && error.code === code;
}

/** The error for an answer that is a no. `token` is struck out of what Google, or a proxy, says. */
export function refusal(
  question: Question,
  { code, text: body, tries }: { code: number; text: string; tries: number },
  token: string,
): GoogleError {
  const error = statusOf(body);
  const status = text(error['status']) ?? '';
  const said = quote(text(error['message']) ?? '', token);
  const details = listOf(object)(error['details']) ?? [];
  const isOff = details.some(({ reason }) => reason === 'SERVICE_DISABLED');
  const problem =
    `could not ${question.asked}: Google answered ${[code, status].join(' ').trim()}` +
    (said === '' ? '' : ` (${said})`);
  return new GoogleError(problem, remedyOf(question, code, isOff), { code, status, tries });
}

/** The error for a call that had no answer. */
export function unanswered(question: Question, url: URL, failure: unknown, tries: number) {
  const { reason, isUntrusted } = networkFailure(failure);
  const times = `${String(tries)} ${tries === 1 ? 'try' : 'tries'}`;
  const problem = `could not ${question.asked}: ${reason} (${times} at ${url.origin})`;
  const remedy =
    'check the network and the custom endpoints of the gcp settings, and run this again';
  return new GoogleError(problem, isUntrusted ? TRUST_REMEDY : remedy, { tries });
}

/** The error for a good answer that can't be read. */
export function unreadable(question: Question, tries: number): GoogleError {
  return new GoogleError(
    `asked to ${question.asked}, ${question.service} answered with something else than JSON`,
    'check the custom endpoints of the gcp settings',
    { tries },
  );
}

function remedyOf({ permission, service }: Question, code: number, isOff: boolean): string {
  if (isOff)
    return `enable the API: gcloud services enable ${service.toLowerCase()}.googleapis.com`;
  switch (code) {
    case 400:
      return 'correct what Google names';
    case 401:
      return 'the access token is not valid (any more): get another, and run this again';
    case 403:
      return `grant the account that runs this ${permission}`;
    case 404:
      return 'check the project and the location: what this belongs to is not there';
    case 409:
      return 'somebody else has it, or is changing it: run this again';
    case 429:
      return 'wait for the quota, or ask Google for more of it, and run this again';
    default:
      return 'run this again, later if need be';
  }
}

/** google.rpc.Status as the REST APIs write it; for anything else, all of it is the message. */
function statusOf(body: string): Properties {
  const answer = object(parseJson(body) as PropertyValue);
  return object(answer?.['error']) ?? { message: body };
}

function quote(text: string, token: string): string {
  // A foreign text must not write on the reader's terminal.
  const plain = text.replaceAll(token, '***').replaceAll(/[\p{Cc}\s]+/gu, ' ');
  return plain.trim().slice(0, LONGEST_QUOTE);
}

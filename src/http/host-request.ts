import type { z } from 'zod';
import { networkFailure, TRUST_REMEDY, type NetworkFailure } from './network-failure.ts';
import { proposalError } from '../failure.ts';
import { redact } from '../redact.ts';
import { readAnswer } from './read-up-to.ts';

const TIMEOUT_MS = 30_000;
/** Bytes of an answer: GitLab takes a million characters for a note, and a page has a hundred of them. */
const LARGEST = 100_000_000;
/** Characters of an answer that are shown. */
const SHOWN = 300;

/** A code host's API, and how its refusals are put to people. */
export interface HostApi {
  readonly name: 'GitHub' | 'GitLab';
  /** Of the problems' codes: GITHUB_REFUSED, say. */
  readonly prefix: 'GITHUB' | 'GITLAB';
  readonly headers: Readonly<Record<string, string>>;
  /** Is never shown. */
  readonly token: string;
  /** What to do about a status. */
  readonly remedies: Readonly<Record<number, string>>;
  /** What to do when it can't be reached. */
  readonly patience: string;
}

export interface HostRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  /** How messages name it: without its query, which may hold anything. */
  readonly place: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface HostAnswer {
  readonly status: number;
  /** Absent when the answer is no JSON. */
  readonly json: unknown;
}

/**
 * Asks a host once. Returns a good answer, or one with a status of `expected`; throws an InvalidInputError
 * for every other: <prefix>_UNREACHABLE for what may be better later (no answer, 429, 5xx), and
 * <prefix>_REFUSED. Follows no redirect: the token is for one address.
 */
export async function hostRequest(
  api: HostApi,
  { method, url, place, body }: HostRequest,
  expected: readonly number[] = [],
): Promise<HostAnswer> {
  const what = `${method} ${place}`;
  const answer = await attempt(url, {
    method,
    headers: {
      ...api.headers,
      'user-agent': 'kubernetes-ci-images',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if ('reason' in answer) {
    const why = redact(answer.reason, [api.token]);
    throw unreachable(api, what, why, answer.isUntrusted ? TRUST_REMEDY : api.patience);
  }
  const { status, text } = answer;
  if ((status >= 200 && status < 300) || expected.includes(status)) {
    return { status, json: parse(text) };
  }
  const said = redact(messageOf(text), [api.token]).slice(0, SHOWN);
  if (status >= 500 || status === 429) {
    throw unreachable(api, what, `${status} ${said}`, api.patience);
  }
  throw refused(api, what, status, said);
}

/** What an answer holds. Throws an InvalidInputError (<prefix>_REFUSED) when that is something else. */
export function answered<T>(name: HostApi['name'], schema: z.ZodType<T>, { json }: HostAnswer): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problem = `${name} answered something else than asked`;
  const remedy = 'check that its address is that of its REST API';
  throw proposalError(`${name.toUpperCase()}_REFUSED`, problem, remedy);
}

type Attempt = { readonly status: number; readonly text: string } | NetworkFailure;

async function attempt(url: string, init: RequestInit): Promise<Attempt> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { bytes, isWhole } = await readAnswer(response, LARGEST);
    const reason = `the answer has more than ${LARGEST} bytes`;
    if (!isWhole) return { reason, isUntrusted: false };
    return { status: response.status, text: bytes.toString() };
  } catch (error) {
    return networkFailure(error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(text: string): string {
  const json = parse(text);
  const isObject = typeof json === 'object' && json !== null;
  return isObject && 'message' in json && typeof json.message === 'string' ? json.message : text;
}

function unreachable({ name, prefix }: HostApi, what: string, why: string, remedy: string) {
  return proposalError(
    `${prefix}_UNREACHABLE`,
    `${name} gave no answer to ${what}: ${why}`,
    remedy,
  );
}

function refused({ name, prefix, remedies }: HostApi, what: string, status: number, said: string) {
  const remedy = remedies[status] ?? `see what ${name} says, then run this again`;
  return proposalError(`${prefix}_REFUSED`, `${name} says ${status} to ${what}: ${said}`, remedy);
}

import { setTimeout as pause } from 'node:timers/promises';
import { networkFailure, TRUST_REMEDY } from '../http/network-failure.ts';
import { readAnswer } from '../http/read-up-to.ts';
import { RegistryError } from './registry-error.ts';
import { retryDelay, type Outcome } from './retry-delay.ts';

/** One request, worth sending again when it fails: all that a registry is asked is idempotent. */
export interface Question {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** What is asked of whom, for messages, such as `read the manifest of 127.0.0.1:5000/a:b`. */
  readonly asked: string;
  /** Bytes that a good answer may have. */
  readonly largestBody: number;
  /** `manual` where a redirect would take credentials elsewhere. */
  readonly redirect?: 'follow' | 'manual';
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body; that of a refusal is cut off where it gets long. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The world that a request goes out into. */
export interface Wire {
  readonly fetch: typeof globalThis.fetch;
  /** Waits for so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds for one try, its body included. */
  readonly timeout: number;
  readonly now: () => number;
  readonly random: () => number;
}

const LARGEST_REFUSAL = 16_384;

/** Waits in real time, until `signal` says to stop. */
export function realSleep(signal: AbortSignal | undefined): Wire['sleep'] {
  return (milliseconds) => pause(milliseconds, undefined, signal === undefined ? {} : { signal });
}

/**
 * Asks until there is an answer that asking again would not better, whatever its status.
 * Throws `REGISTRY_UNREACHABLE` when the last try had no answer, and `REGISTRY_UNTRUSTED` at the first
 * certificate that is not trusted.
 */
export async function exchange(question: Question, wire: Wire): Promise<Answer> {
  let waited = 0;
  for (let tries = 1; ; tries += 1) {
    const attempt = await attemptOnce(question, wire);
    const circumstances = { tries, waited, now: wire.now(), random: wire.random() };
    const delay = retryDelay(outcomeOf(attempt), circumstances);
    if (delay === undefined) {
      if ('answer' in attempt) return attempt.answer;
      throw unreachable(question, tries, attempt.failure);
    }
    await wire.sleep(delay);
    waited += delay;
  }
}

type Attempt = { readonly answer: Answer } | { readonly failure: unknown };

function outcomeOf(attempt: Attempt): Outcome {
  if (!('answer' in attempt)) return {};
  const { status, headers } = attempt.answer;
  return { status, retryAfter: headers.get('retry-after') };
}

async function attemptOnce(question: Question, wire: Wire): Promise<Attempt> {
  wire.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(wire.timeout);
  try {
    const response = await wire.fetch(question.url, {
      method: question.method,
      headers: question.headers,
      redirect: question.redirect ?? 'follow',
      signal: wire.signal === undefined ? timeout : AbortSignal.any([wire.signal, timeout]),
      ...(question.body !== undefined && { body: question.body }),
    });
    refuseDowngrade(question, response);
    // The body belongs to the try: a connection can break in the middle of it.
    const bytes = await readBody(question, response);
    return { answer: { status: response.status, headers: response.headers, bytes } };
  } catch (failure) {
    wire.signal?.throwIfAborted();
    if (failure instanceof RegistryError) throw failure;
    refuseUntrusted(question, failure);
    return { failure };
  }
}

function refuseUntrusted({ asked, url }: Question, failure: unknown): void {
  const { reason, isUntrusted } = networkFailure(failure);
  if (!isUntrusted) return;
  const problem = `could not ${asked} at ${url.origin}: ${reason}`;
  throw new RegistryError('REGISTRY_UNTRUSTED', problem, TRUST_REMEDY, failure);
}

function refuseDowngrade({ url, asked }: Question, response: Response): void {
  if (url.protocol !== 'https:' || !response.url.startsWith('http:')) return;
  throw new RegistryError(
    'REGISTRY_UNSAFE',
    `asked to ${asked}, ${url.host} redirected to plain http`,
    'tell the operator of the registry',
  );
}

async function readBody(question: Question, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const limit = response.ok ? question.largestBody : LARGEST_REFUSAL;
  const { bytes, isWhole } = await readAnswer(response, limit);
  if (isWhole || !response.ok) return bytes;
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `asked to ${question.asked}, the registry sent more than ${String(limit)} bytes`,
    'look at what was pushed there: no manifest or image configuration is that large',
  );
}

function unreachable({ asked, url }: Question, tries: number, failure: unknown): RegistryError {
  return new RegistryError(
    'REGISTRY_UNREACHABLE',
    `could not ${asked}: ${networkFailure(failure).reason} (${String(tries)} tries at ${url.origin})`,
    'check that the registry runs and that its address is right',
    failure,
  );
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument, notFound, statusOf } from './api-error.ts';
import { omit } from './omit.ts';
import { parseBody } from './parse-body.ts';
import { route, type Route } from './router.ts';

const FaultBody = z.strictObject({
  /** A regular expression on `METHOD path`, the path with its query. */
  match: z.string(),
  /** Answers with this HTTP status in Google's error shape, and does nothing. */
  status: z.int().min(400).max(599).optional(),
  message: z.string().optional(),
  /** Seconds, for the header of a 429 or 503. */
  retryAfter: z.int().min(0).optional(),
  /** Waits first, in milliseconds. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /** Cuts the connection: before anything was done, or with `after` when it was, instead of an answer. */
  cut: z.union([z.boolean(), z.literal('after')]).optional(),
  /** How many calls it meets; all when absent. */
  times: z.int().min(1).optional(),
});

/** Something that goes wrong with the calls of Google's methods, on request. */
export interface Fault extends z.infer<typeof FaultBody> {
  readonly id: string;
}

export interface Faults {
  /** The first fault that meets a call, counted as used. */
  take(call: string): Fault | undefined;
  readonly routes: readonly Route[];
}

/** `POST`, `GET` and `DELETE /emulator/v1/faults`. Faults are forgotten when the emulator ends. */
export function createFaults(): Faults {
  let faults: (Fault & { readonly pattern: RegExp })[] = [];
  const show = () => ({ faults: faults.map((fault) => omit(fault, 'pattern')) });
  return {
    take(call) {
      const met = faults.find(({ pattern }) => pattern.test(call));
      if (met?.times === undefined) return met;
      const left = { ...met, times: met.times - 1 };
      faults = faults.flatMap((fault) => (fault !== met ? fault : left.times > 0 ? left : []));
      return met;
    },
    routes: [
      route('POST', 'emulator/v1/faults', ({ body }) => {
        const fault = { ...parseBody(FaultBody, body, 'fault'), id: randomUUID() };
        faults.push({ ...fault, pattern: parsePattern(fault.match) });
        return fault;
      }),
      route('GET', 'emulator/v1/faults', show),
      route('DELETE', 'emulator/v1/faults', () => {
        faults = [];
        return {};
      }),
      route('DELETE', 'emulator/v1/faults/{id}', ({ params }) => {
        if (!faults.some(({ id }) => id === params.id)) throw notFound();
        faults = faults.filter(({ id }) => id !== params.id);
        return {};
      }),
    ],
  };
}

/** What a fault with a status answers. */
export function errorOf({ status = 500, message }: Fault): ApiError {
  const name = statusOf(status);
  return new ApiError(name, message ?? `The emulator was told to answer ${status}.`);
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw invalidArgument(`fault.match is "${text}", which is no regular expression`);
  }
}

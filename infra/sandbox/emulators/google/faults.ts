import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { parseBody } from './message-json.ts';
import { route, type Route } from './router.ts';

const Fault = z.strictObject({
  /** A regular expression on `METHOD path`, the path with its query. */
  match: z.string(),
  /** Responds with this HTTP status in Google's error shape, and does nothing. */
  status: z.int().min(400).max(599).optional(),
  message: z.string().optional(),
  /** Seconds, for the header of a 429 or 503. */
  retryAfter: z.int().min(0).optional(),
  /** Waits first, in milliseconds. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /** Cuts the connection: before anything is done, or with `after` once it is, in place of a response. */
  cut: z.union([z.boolean(), z.literal('after')]).optional(),
  /** How many requests it meets; all when absent. */
  times: z.int().min(1).optional(),
});

/** Something that goes wrong with requests for Google's methods. */
export type Fault = z.infer<typeof Fault>;

export interface Faults {
  /** The first fault that meets a request, `METHOD path`; counted as used. */
  take(request: string): Fault | undefined;
  readonly routes: readonly Route[];
}

/** `POST`, `GET` and `DELETE /emulator/v1/faults`. Faults are forgotten when the emulator ends. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    take(request) {
      const at = faults.findIndex(({ match }) => new RegExp(match).test(request));
      const met = faults[at];
      if (met?.times === undefined) return met;
      if (met.times === 1) faults.splice(at, 1);
      else faults[at] = { ...met, times: met.times - 1 };
      return met;
    },
    routes: [
      route('POST', 'emulator/v1/faults', ({ body }) => {
        const fault = parseBody(Fault, body, 'fault');
        checkPattern(fault.match);
        faults.push(fault);
        return fault;
      }),
      route('GET', 'emulator/v1/faults', () => ({ faults })),
      route('DELETE', 'emulator/v1/faults', () => {
        faults = [];
        return {};
      }),
    ],
  };
}

function checkPattern(text: string): void {
  try {
    new RegExp(text);
  } catch {
    throw invalidArgument(`fault.match is "${text}", which is no regular expression`);
  }
}

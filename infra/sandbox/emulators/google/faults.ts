import { z } from 'zod';
import { parseBody } from './message-json.ts';
import { route, type Route } from './router.ts';

const Fault = z.strictObject({
  /** A regular expression on `METHOD path`, the path with its query. */
  match: z.string(),
  /** Responds with this HTTP status in Google's error shape, and does nothing. */
  status: z.int().min(400).max(599).optional(),
  message: z.string().optional(),
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

/** `POST` and `DELETE /emulator/v1/faults`. Faults are forgotten when the emulator ends. */
export function createFaults(): Faults {
  let faults: (Fault & { readonly pattern: RegExp })[] = [];
  return {
    take(request) {
      const at = faults.findIndex(({ pattern }) => pattern.test(request));
      const met = faults[at];
      if (met?.times === undefined) return met;
      if (met.times === 1) faults.splice(at, 1);
      else faults[at] = { ...met, times: met.times - 1 };
      return met;
    },
    routes: [
      route('POST', 'emulator/v1/faults', ({ body }) => {
        const fault = parseBody(Fault, body, 'fault');
        faults.push({ ...fault, pattern: new RegExp(fault.match) });
        return fault;
      }),
      route('DELETE', 'emulator/v1/faults', () => {
        faults = [];
        return {};
      }),
    ],
  };
}

import { z } from 'zod';
import { parseBody } from './message-json.ts';
import { route } from './router.ts';

/** Something that goes wrong, or slowly, with requests for Google's methods. */
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
  /** The operation that is the response has ended only after it was read so many times. */
  polls: z.int().min(1).optional(),
  /** How many requests it meets; all when absent. */
  times: z.int().min(1).optional(),
});

export type Faults = ReturnType<typeof createFaults>;

/**
 * `POST` and `DELETE /emulator/v1/faults`; and `GET /emulator/v1/requests`: the requests for Google's
 * methods since the start, or since a `DELETE`, oldest first. All is forgotten when the emulator ends.
 */
export function createFaults() {
  let faults: (z.infer<typeof Fault> & { readonly pattern: RegExp })[] = [];
  let requests: { readonly method: string; readonly path: string }[] = [];
  return {
    /** Writes a request down, and returns the first fault that meets it, counted as used. */
    take(method: string, { pathname, search }: URL): z.infer<typeof Fault> | undefined {
      const path = pathname + search;
      requests.push({ method, path });
      const fault = faults.find(({ pattern }) => pattern.test(`${method} ${path}`));
      if (fault?.times !== undefined) {
        fault.times -= 1;
        if (fault.times === 0) faults = faults.filter((other) => other !== fault);
      }
      return fault;
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
      route('GET', 'emulator/v1/requests', () => ({ requests })),
      route('DELETE', 'emulator/v1/requests', () => {
        requests = [];
        return {};
      }),
    ],
  };
}

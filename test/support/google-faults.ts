import { z } from 'zod';
import type { PublishingFixture } from './publishing-fixture.ts';

/** What goes wrong with calls: see the emulator's `faults.ts`. */
export interface GoogleFault {
  readonly status?: number;
  readonly message?: string;
  readonly delayMs?: number;
  readonly cut?: boolean | 'after';
  /** How often its operation is read before it has ended. */
  readonly polls?: number;
  /** How many calls it meets; all when absent. */
  readonly times?: number;
}

/** The emulator, as somebody who makes it fail and looks at what it holds. */
export interface GoogleFaults {
  /** Faults by a regular expression on `METHOD path`. */
  fail(faults: Readonly<Record<string, GoogleFault>>): Promise<void>;
  /** Nothing fails any more. */
  mend(): Promise<void>;
  /** Forgets the calls so far. */
  forget(): Promise<void>;
  /** The calls since then, as `METHOD path`. */
  calls(): Promise<readonly string[]>;
  /** A resource by its full name, or `undefined` where there is none. */
  get(name: string): Promise<unknown>;
}

const Requests = z.object({
  requests: z.array(z.object({ method: z.string(), path: z.string() })),
});

export function googleFaults({ call }: Pick<PublishingFixture, 'call'>): GoogleFaults {
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await call(method, path, body);
    if (answer.status < 300 || answer.status === 404) return answer;
    throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  };
  return {
    async fail(faults) {
      for (const [match, fault] of Object.entries(faults)) {
        await ask('POST', 'emulator/v1/faults', { match, ...fault });
      }
    },
    async mend() {
      await ask('DELETE', 'emulator/v1/faults');
    },
    async forget() {
      await ask('DELETE', 'emulator/v1/requests');
    },
    async calls() {
      const { body } = await ask('GET', 'emulator/v1/requests');
      return Requests.parse(body).requests.map(({ method, path }) => `${method} ${path}`);
    },
    async get(name) {
      const { status, body } = await ask('GET', `v1/${name}`);
      return status === 404 ? undefined : body;
    },
  };
}

/** The fault of an account that lacks a permission, in Google's words. */
export function denied(permission: string, resource: string): GoogleFault {
  const message = `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`;
  return { status: 403, message };
}

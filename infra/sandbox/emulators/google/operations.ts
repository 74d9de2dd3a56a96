import { randomUUID } from 'node:crypto';
import { notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { route } from './router.ts';

export type Operations = ReturnType<typeof createOperations>;

/**
 * Long-running operations (google.longrunning) of all services. All are done when the response is sent,
 * so they are forgotten when the emulator ends.
 */
export function createOperations(clock: Clock) {
  const known = new Map<string, object>();
  return {
    /** A new operation, which is done already. `parent` is empty or ends in a slash. */
    done(parent: string, type: string, response: object): object {
      const name = `${parent}operations/${randomUUID()}`;
      const operation = {
        name,
        metadata: { createTime: clock.timestamp() },
        done: true,
        response: { '@type': `type.googleapis.com/${type}`, ...response },
      };
      known.set(name, operation);
      return operation;
    },
    routes: ['', '{parent+}/'].map((parent) =>
      route('GET', `v1/${parent}operations/{id}`, ({ name }) => {
        const operation = known.get(name);
        if (operation === undefined) throw notFound(`Operation ${name} was not found.`);
        return operation;
      }),
    ),
  };
}

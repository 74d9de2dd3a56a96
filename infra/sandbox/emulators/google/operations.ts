import { randomUUID } from 'node:crypto';
import { notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { route } from './router.ts';

export type Operations = ReturnType<typeof createOperations>;

interface Operation {
  readonly name: string;
  readonly metadata: object;
  readonly done?: boolean;
  readonly response?: object;
}

/**
 * Long-running operations (google.longrunning) of all services. What they do is done when the response is sent,
 * so they are forgotten when the emulator ends.
 */
export function createOperations(clock: Clock) {
  const known = new Map<string, Operation>();
  /** How often each must be read until it has ended. */
  const postponed = new Map<string, number>();
  const view = ({ name, metadata, ...end }: Operation): Operation =>
    (postponed.get(name) ?? 0) > 0 ? { name, metadata } : { name, metadata, ...end };
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
    /** The response with which a method begins, where the operation ends only after it was read so many times. */
    postpone(response: object, polls: number): object {
      const operation = 'name' in response ? known.get(String(response.name)) : undefined;
      if (operation === undefined) return response;
      postponed.set(operation.name, polls);
      return view(operation);
    },
    routes: ['', '{parent+}/'].map((parent) =>
      route('GET', `v1/${parent}operations/{id}`, ({ name }) => {
        const operation = known.get(name);
        if (operation === undefined) throw notFound(`Operation ${name} was not found.`);
        postponed.set(name, (postponed.get(name) ?? 0) - 1);
        return view(operation);
      }),
    ),
  };
}

import { randomUUID } from 'node:crypto';
import { notFound } from './api-error.ts';
import { route, type Route } from './router.ts';

/** The message in the operation of a deletion. */
export const EMPTY = 'google.protobuf.Empty';

/** Where operations are found, by the parents that they are started on. */
const PARENTS = [
  'projects/{project}/locations/{location}/',
  'projects/{project}/locations/{location}/workloadIdentityPools/{pool}/',
  'projects/{project}/locations/{location}/workloadIdentityPools/{pool}/providers/{provider}/',
  '',
];

export interface Operations {
  /**
   * A new operation, which is done already.
   *
   * @param parent such as `projects/P/locations/L`; empty for Service Usage
   * @param type the message of `response`, such as `google.devtools.artifactregistry.v1.Repository`
   */
  done(parent: string, type: string, response: object): object;
  readonly routes: readonly Route[];
}

/**
 * Long-running operations (google.longrunning) of all services. All are done when the response is sent,
 * so they are forgotten when the emulator ends.
 */
export function createOperations(timestamp: () => string): Operations {
  const known = new Map<string, object>();
  return {
    done(parent, type, response) {
      const name = `${parent === '' ? '' : `${parent}/`}operations/${randomUUID()}`;
      const operation = {
        name,
        metadata: { createTime: timestamp() },
        done: true,
        response: { '@type': `type.googleapis.com/${type}`, ...response },
      };
      known.set(name, operation);
      return operation;
    },
    routes: PARENTS.map((parent) =>
      route('GET', `v1/${parent}operations/{id}`, ({ name }) => {
        const operation = known.get(name);
        if (operation === undefined) throw notFound(`Operation ${name} was not found.`);
        return operation;
      }),
    ),
  };
}

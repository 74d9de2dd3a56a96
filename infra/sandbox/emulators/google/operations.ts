import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { notFound } from './api-error.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

const Operation = z.looseObject({
  name: z.string(),
  done: z.boolean(),
  metadata: z.object({ createTime: z.string() }),
});

/** A long-running operation (google.longrunning). Here, all are done when the response is sent. */
type Operation = z.infer<typeof Operation>;

/** The message in the operation of a deletion. */
export const EMPTY = 'google.protobuf.Empty';

/** How many are remembered. */
const MOST_OPERATIONS = 200;

/** Where operations are found, by the parents that they are started on. */
const PARENTS = [
  'projects/{project}/locations/{location}/',
  'projects/{project}/locations/{location}/workloadIdentityPools/{pool}/',
  'projects/{project}/locations/{location}/workloadIdentityPools/{pool}/providers/{provider}/',
  '',
];

export interface Operations {
  /**
   * A new operation.
   *
   * @param parent such as `projects/P/locations/L`; empty for Service Usage
   * @param type the message of `response`, such as `google.devtools.artifactregistry.v1.Repository`
   */
  done(parent: string, type: string, response: object): Operation;
  readonly routes: readonly Route[];
}

/** The operations of all services, kept in `folder`. */
export function openOperations(folder: string, timestamp: () => string): Operations {
  const known = openCollection(folder, 'operations', Operation);
  return {
    done(parent, type, response) {
      const operation = {
        name: `${parent === '' ? '' : `${parent}/`}operations/${randomUUID()}`,
        metadata: { createTime: timestamp() },
        done: true,
        response: { '@type': `type.googleapis.com/${type}`, ...response },
      };
      known.set(operation.name, operation);
      const byAge = [...known.entries()].sort(([, a], [, b]) =>
        a.metadata.createTime < b.metadata.createTime ? -1 : 1,
      );
      for (const [name] of byAge.slice(0, -MOST_OPERATIONS)) known.delete(name);
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

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { policyRoutes, type IamPolicy } from './iam-policy.ts';
import { listing, parseBody } from './message-json.ts';
import type { Operations } from './operations.ts';
import { route, type ApiRequest, type Route } from './router.ts';
import { openCollection, type Collection } from './store.ts';

/** The number that Google gives to a project besides its id; always the same for one id here. */
export function projectNumber(project: string): string {
  const hash = createHash('sha256').update(project).digest();
  return String(100_000_000_000 + (hash.readUIntBE(0, 5) % 900_000_000_000));
}

/** Cloud Resource Manager v1. Every project exists; `policies` are theirs, by id. */
export function projectRoutes(policies: Collection<IamPolicy>): Route[] {
  return [
    ...policyRoutes('v1/projects/{project}', policies, (name) => name.slice('projects/'.length)),
    route('GET', 'v1/projects/{project}', ({ params: { project = '' } }) => ({
      projectNumber: projectNumber(project),
      projectId: project,
      lifecycleState: 'ACTIVE',
      name: project,
      createTime: '2026-01-01T00:00:00Z',
    })),
  ];
}

const COLLECTION = 'v1/projects/{project}/services';
const ONE = `${COLLECTION}/{service}`;

const BatchEnableRequest = z.strictObject({ serviceIds: z.array(z.string()).default([]) });

/** Service Usage v1: which APIs are on in a project, kept in `folder`. Nothing here depends on it. */
export function serviceRoutes(folder: string, operations: Operations): Route[] {
  /** By `<project>/<service>`. */
  const enabled = openCollection(folder, 'services', z.literal(true));
  const keyOf = ({ project = '', service = '' }: ApiRequest['params']) => `${project}/${service}`;
  const view = (key: string) => {
    const [project = '', name = ''] = key.split('/');
    const parent = `projects/${projectNumber(project)}`;
    const state = enabled.get(key) === true ? 'ENABLED' : 'DISABLED';
    return { name: `${parent}/services/${name}`, config: { name }, state, parent };
  };
  const enable = (key: string) => {
    enabled.set(key, true);
    return view(key);
  };
  const done = (method: string, response: object) =>
    operations.done('', `google.api.serviceusage.v1.${method}Response`, response);
  return [
    route('POST', `${ONE}:enable`, ({ params }) =>
      done('EnableService', { service: enable(keyOf(params)) }),
    ),
    route('POST', `${ONE}:disable`, ({ params }) => {
      const key = keyOf(params);
      if (!enabled.delete(key)) throw new ApiError('FAILED_PRECONDITION', `${key} is not enabled.`);
      return done('DisableService', { service: view(key) });
    }),
    route('POST', `${COLLECTION}:batchEnable`, ({ params, body }) => {
      const { serviceIds } = parseBody(BatchEnableRequest, body);
      const services = serviceIds.map((service) => enable(keyOf({ ...params, service })));
      return done('BatchEnableServices', { services });
    }),
    // The filter of the official plug-in is "state:ENABLED".
    route('GET', COLLECTION, ({ params, query }) => {
      const own = enabled.entries().filter(([key]) => key.startsWith(keyOf(params)));
      const services = own.map(([key]) => view(key));
      return listing('services', services, query);
    }),
    route('GET', ONE, ({ params }) => view(keyOf(params))),
  ];
}

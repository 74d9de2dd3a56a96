import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import type { Operations } from './operations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject, projectNumber } from './projects.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

const Nothing = z.strictObject({});
const DisableRequest = z.strictObject({
  disableDependentServices: z.boolean().optional(),
  checkIfServiceHasUsage: z
    .enum(['CHECK_IF_SERVICE_HAS_USAGE_UNSPECIFIED', 'SKIP', 'CHECK'])
    .optional(),
});
const BatchEnableRequest = z.strictObject({ serviceIds: z.array(z.string()).optional() });

const PARENT = 'v1/projects/{project}/services';
const ONE = `${PARENT}/{service}` as const;
const SERVICE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.googleapis\.com$/;
const LARGEST_BATCH = 20;
const MESSAGES = 'google.api.serviceusage.v1';

interface ServicePlace {
  readonly project: string;
  readonly service: string;
}

/** Service Usage v1: which APIs are on in a project, kept in `folder`. Nothing here depends on it. */
export function serviceRoutes(folder: string, operations: Operations): Route[] {
  const enabled = openCollection(folder, 'services', z.literal(true));
  const view = (place: ServicePlace) => {
    const isOn = enabled.get(keyOf(place)) !== undefined;
    return viewOf(place, isOn ? 'ENABLED' : 'DISABLED');
  };
  const enable = (place: ServicePlace) => {
    checkService(place);
    enabled.set(keyOf(place), true);
    return view(place);
  };
  return [
    route('POST', `${ONE}:enable`, ({ params, body }) => {
      parseBody(Nothing, body);
      const service = enable(params);
      return operations.done('', `${MESSAGES}.EnableServiceResponse`, { service });
    }),
    route('POST', `${ONE}:disable`, ({ params, body }) => {
      parseBody(DisableRequest, body);
      checkService(params);
      if (!enabled.delete(keyOf(params))) {
        throw new ApiError('FAILED_PRECONDITION', `${params.service} is not enabled.`);
      }
      const service = view(params);
      return operations.done('', `${MESSAGES}.DisableServiceResponse`, { service });
    }),
    route('POST', `${PARENT}:batchEnable`, ({ params: { project }, body }) => {
      const { serviceIds = [] } = parseBody(BatchEnableRequest, body);
      if (serviceIds.length === 0 || serviceIds.length > LARGEST_BATCH) {
        throw invalidArgument(`service_ids must name 1 to ${LARGEST_BATCH} services.`);
      }
      // All or none.
      for (const service of serviceIds) checkService({ project, service });
      const services = serviceIds.map((service) => enable({ project, service }));
      return operations.done('', `${MESSAGES}.BatchEnableServicesResponse`, { services });
    }),
    route(
      'GET',
      PARENT,
      ({ params: { project }, query }) => {
        checkProject(project);
        const filter = query.get('filter') ?? 'state:ENABLED';
        if (!['state:ENABLED', 'state:DISABLED'].includes(filter)) {
          throw invalidArgument(`Invalid filter "${filter}".`);
        }
        const keys = filter === 'state:ENABLED' ? enabled.entries().map(([key]) => key) : [];
        const own = keys.filter((key) => key.startsWith(`${project}/`));
        const { items, nextPageToken } = page(own, query, 50);
        const services = items.map((key) => view({ project, service: key.split('/')[1] ?? '' }));
        return { services, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      [...PAGE_PARAMETERS, 'filter'],
    ),
    route('GET', ONE, ({ params }) => {
      checkService(params);
      return view(params);
    }),
  ];
}

function keyOf({ project, service }: ServicePlace): string {
  return `${project}/${service}`;
}

function checkService({ project, service }: ServicePlace): void {
  checkProject(project);
  if (SERVICE.test(service)) return;
  throw new ApiError(
    'PERMISSION_DENIED',
    `Not found or permission denied for service(s): ${service}.`,
  );
}

function viewOf({ project, service }: ServicePlace, state: string) {
  const parent = `projects/${projectNumber(project)}`;
  return { name: `${parent}/services/${service}`, config: { name: service }, state, parent };
}

import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { listing, PAGE_PARAMETERS } from './listing.ts';
import { parseBody } from './message-json.ts';
import type { Operations } from './operations.ts';
import { checkProject, projectNumber } from './projects.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

const Nothing = z.strictObject({});
const DisableRequest = z.strictObject({
  disableDependentServices: z.boolean().optional(),
  checkIfServiceHasUsage: z.enum(['SKIP', 'CHECK']).optional(),
});
const BatchEnableRequest = z.strictObject({ serviceIds: z.array(z.string()).optional() });

const COLLECTION = 'v1/projects/{project}/services';
const ONE = `${COLLECTION}/{service}` as const;
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
  const view = ({ project, service }: ServicePlace) => {
    const parent = `projects/${projectNumber(project)}`;
    const state = enabled.get(`${project}/${service}`) === true ? 'ENABLED' : 'DISABLED';
    return { name: `${parent}/services/${service}`, config: { name: service }, state, parent };
  };
  const enable = (place: ServicePlace) => {
    enabled.set(`${place.project}/${place.service}`, true);
    return view(place);
  };
  return [
    route('POST', `${ONE}:enable`, ({ params, body }) => {
      parseBody(Nothing, body);
      checkService(params);
      return operations.done('', `${MESSAGES}.EnableServiceResponse`, { service: enable(params) });
    }),
    route('POST', `${ONE}:disable`, ({ params, body }) => {
      parseBody(DisableRequest, body);
      checkService(params);
      if (!enabled.delete(`${params.project}/${params.service}`)) {
        throw new ApiError('FAILED_PRECONDITION', `${params.service} is not enabled.`);
      }
      return operations.done('', `${MESSAGES}.DisableServiceResponse`, { service: view(params) });
    }),
    route('POST', `${COLLECTION}:batchEnable`, ({ params: { project }, body }) => {
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
      COLLECTION,
      ({ params: { project }, query }) => {
        checkProject(project);
        const filter = query.get('filter') ?? 'state:ENABLED';
        if (filter !== 'state:ENABLED') throw invalidArgument(`Invalid filter "${filter}".`);
        const own = enabled.entries().filter(([key]) => key.startsWith(`${project}/`));
        const services = own.map(([key]) => view({ project, service: key.split('/')[1] ?? '' }));
        return listing('services', services, query, 50);
      },
      [...PAGE_PARAMETERS, 'filter'],
    ),
    route('GET', ONE, ({ params }) => {
      checkService(params);
      return view(params);
    }),
  ];
}

function checkService({ project, service }: ServicePlace): void {
  checkProject(project);
  if (SERVICE.test(service)) return;
  throw new ApiError(
    'PERMISSION_DENIED',
    `Not found or permission denied for service(s): ${service}.`,
  );
}

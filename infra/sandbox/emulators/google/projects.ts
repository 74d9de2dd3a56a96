import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { policyRoutes, type IamPolicy } from './iam-policy.ts';
import { listing, PAGE_PARAMETERS } from './listing.ts';
import { parseBody } from './message-json.ts';
import type { Operations } from './operations.ts';
import { route, type Route } from './router.ts';
import { openCollection, type Collection } from './store.ts';

const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const REGION = /^[a-z]+-[a-z]+\d{1,2}$/;
const MULTI_REGION = /^(?:us|europe|asia)$/;

/** Rejects a text that is no project's id ("Creating and managing projects"). */
export function checkProject(project: string): void {
  if (PROJECT.test(project)) return;
  throw invalidArgument(
    `Invalid project id "${project}": 6 to 30 lower-case letters, digits and hyphens, a letter first.`,
  );
}

/** The number that Google gives to a project besides its id; always the same for one id here. */
export function projectNumber(project: string): string {
  const hash = createHash('sha256').update(project).digest();
  return String(100_000_000_000 + (hash.readUIntBE(0, 5) % 900_000_000_000));
}

/** Rejects a location that is none, in Google's words for one that it does not show. */
export function checkLocation(name: string, { multiRegions }: { multiRegions: boolean }): void {
  const location = name.split('/')[3] ?? '';
  if (REGION.test(location) || (multiRegions && MULTI_REGION.test(location))) return;
  throw new ApiError(
    'PERMISSION_DENIED',
    `Permission denied on 'locations/${location}' (or it may not exist).`,
  );
}

/** Cloud Resource Manager v1. Every project exists; `policies` are theirs, by id. */
export function projectRoutes(policies: Collection<IamPolicy>): Route[] {
  const idOf = (name: string) => {
    const [, project = ''] = name.split('/');
    checkProject(project);
    return project;
  };
  return [
    ...policyRoutes('v1/projects/{project}', 'POST', policies, idOf),
    route('GET', 'v1/projects/{project}', ({ name: fullName }) => {
      const project = idOf(fullName);
      return {
        projectNumber: projectNumber(project),
        projectId: project,
        lifecycleState: 'ACTIVE',
        name: project,
        createTime: '2026-01-01T00:00:00Z',
      };
    }),
  ];
}

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
    route('POST', `${ONE}:enable`, ({ params }) => {
      checkService(params);
      return operations.done('', `${MESSAGES}.EnableServiceResponse`, { service: enable(params) });
    }),
    route('POST', `${ONE}:disable`, ({ params }) => {
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
        return listing('services', services, query);
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

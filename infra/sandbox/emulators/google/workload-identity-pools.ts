import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { omit } from './omit.ts';
import type { Operations } from './operations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject, projectNumber } from './projects.ts';
import { route, type Route } from './router.ts';
import { openSoftDeleted, type SoftDeleted } from './soft-deleted.ts';
import { applyMask } from './update-mask.ts';

/** google.iam.v1.WorkloadIdentityPool; what the emulator does not read is kept as it came. */
export const Pool = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  disabled: z.boolean().optional(),
  mode: z.enum(['FEDERATION_ONLY', 'TRUST_DOMAIN']).optional(),
  inlineCertificateIssuanceConfig: z.looseObject({}).optional(),
  inlineTrustConfig: z.looseObject({}).optional(),
  state: z.enum(['ACTIVE', 'DELETED']).optional(),
});
export type Pool = z.infer<typeof Pool>;

const PARENT = 'v1/projects/{project}/locations/global/workloadIdentityPools';
const ONE = `${PARENT}/{pool}` as const;
const MESSAGE = 'google.iam.v1.WorkloadIdentityPool';
const MUTABLE_FIELDS = [
  'displayName',
  'description',
  'disabled',
  'inlineCertificateIssuanceConfig',
  'inlineTrustConfig',
];
const POOL_ID = /^(?!gcp-)[a-z0-9-]{4,32}$/;
const LONGEST_NAME = 32;
const LONGEST_DESCRIPTION = 256;

/** The pools, which their providers need too. */
export function openPools(folder: string): SoftDeleted<Pool> {
  return openSoftDeleted(folder, 'workload-identity-pools', Pool);
}

/** A pool's name as it is answered, and the key that it is stored under: with the project's number. */
export function poolName({ project, pool }: { project: string; pool: string }): string {
  checkProject(project);
  return `projects/${projectNumber(project)}/locations/global/workloadIdentityPools/${pool}`;
}

/** IAM's workload identity pools. */
export function poolRoutes(pools: SoftDeleted<Pool>, operations: Operations): Route[] {
  const view = (name: string, pool: Pool) => ({ ...pool, name });
  const finish = (name: string, pool: Pool) => operations.done(name, MESSAGE, view(name, pool));
  return [
    route('GET', `${ONE}:listAttestationRules`, ({ params }) => {
      pools.get(poolName(params));
      return {};
    }),
    route('POST', `${ONE}:undelete`, ({ params }) => {
      const name = poolName(params);
      return finish(name, pools.undelete(name));
    }),
    route(
      'POST',
      PARENT,
      ({ params: { project }, query, body }) => {
        const pool = query.get('workloadIdentityPoolId') ?? '';
        checkIdentityId(pool, 'workload_identity_pool_id');
        const content = omit(parseBody(Pool, body, 'workload_identity_pool'), 'name');
        checkIdentityTexts(content);
        const name = poolName({ project, pool });
        return finish(name, pools.create(name, { ...content, state: 'ACTIVE' }));
      },
      ['workloadIdentityPoolId'],
    ),
    route(
      'GET',
      PARENT,
      ({ params: { project }, query }) => {
        const { items, nextPageToken } = page(pools.active(poolName({ project, pool: '' })), query);
        return {
          workloadIdentityPools: items.map(([name, pool]) => view(name, pool)),
          ...(nextPageToken !== undefined && { nextPageToken }),
        };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', ONE, ({ params }) => view(poolName(params), pools.get(poolName(params)))),
    route(
      'PATCH',
      ONE,
      ({ params, query, body }) => {
        const name = poolName(params);
        const changes = parseBody(Pool, body, 'workload_identity_pool');
        const mask = query.get('updateMask');
        const changed = applyMask(pools.getActive(name), changes, mask, MUTABLE_FIELDS);
        checkIdentityTexts(changed);
        return finish(name, pools.update(name, changed));
      },
      ['updateMask'],
    ),
    route('DELETE', ONE, ({ params }) => {
      const name = poolName(params);
      return finish(name, pools.delete(name));
    }),
  ];
}

/** Refuses what can't be the id of a pool or of a provider. */
export function checkIdentityId(id: string, parameter: string): void {
  if (POOL_ID.test(id)) return;
  throw invalidArgument(
    `${parameter} is "${id}": 4 to 32 lower-case letters, digits and hyphens, not starting with gcp-`,
  );
}

/** Refuses texts that are too long for a pool or a provider. */
export function checkIdentityTexts(texts: Pick<Pool, 'displayName' | 'description'>): void {
  const { displayName = '', description = '' } = texts;
  if (displayName.length <= LONGEST_NAME && description.length <= LONGEST_DESCRIPTION) return;
  throw invalidArgument(
    `display_name has at most ${LONGEST_NAME} characters, description ${LONGEST_DESCRIPTION}`,
  );
}

import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Fields } from './field.ts';
import { parseId } from './import-id.ts';
import type { Kind } from './kind.ts';
import { textOf } from './property-text.ts';
import { softDeletedCalls } from './soft-deleted-resource.ts';
import { IDENTITY_FIELDS, IDENTITY_ID } from './workload-identity-pool.ts';

const PROVIDER_ID = 'workloadIdentityPoolProviderId';
const TEMPLATE =
  'projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}/providers/{workloadIdentityPoolProviderId}';
const PARTS = ['project', 'workloadIdentityPoolId', PROVIDER_ID] as const;

const FIELDS: Fields = {
  ...IDENTITY_FIELDS,
  workloadIdentityPoolId: IDENTITY_ID,
  [PROVIDER_ID]: IDENTITY_ID,
  attributeMapping: { type: 'object' },
  attributeCondition: { type: 'text' },
  oidc: { type: 'object', required: true },
};

/** `gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider`, of OpenID Connect. */
export const WORKLOAD_IDENTITY_PROVIDER: Kind = {
  token: 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
  fields: FIELDS,
  outputs: ['name', 'state'],
  idOf,
  fullId: (id, settings) => idOf(parseId(TEMPLATE, PARTS, id, settings)),
  ...softDeletedCalls({
    naming: {
      service: 'iam',
      noun: 'workload identity provider',
      permissions: 'iam.workloadIdentityPoolProviders',
      role: 'roles/iam.workloadIdentityPoolAdmin',
    },
    fields: FIELDS,
    idField: PROVIDER_ID,
    idParameter: PROVIDER_ID,
    mutable: [
      ...['displayName', 'description', 'disabled'],
      ...['attributeMapping', 'attributeCondition', 'oidc'],
    ],
    idOf,
    placeOf(id) {
      const [, project = '', , , , pool = '', , provider = ''] = id.split('/');
      return { project, workloadIdentityPoolId: pool, [PROVIDER_ID]: provider };
    },
  }),
};

function idOf(inputs: Properties): string {
  const pool = `projects/${textOf(inputs, 'project')}/locations/global/workloadIdentityPools/${textOf(inputs, 'workloadIdentityPoolId')}`;
  return `${pool}/providers/${textOf(inputs, PROVIDER_ID)}`;
}

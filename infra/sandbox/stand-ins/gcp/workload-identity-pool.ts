import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, PROJECT, type Field, type Fields } from './field.ts';
import { parseId } from './import-id.ts';
import type { Kind } from './kind.ts';
import { textOf } from './property-text.ts';
import { softDeletedCalls } from './soft-deleted-resource.ts';

const TEMPLATE =
  'projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}';
const PARTS = ['project', 'workloadIdentityPoolId'] as const;

/** What Google takes as the id of a pool or of a provider. */
const ID = /^(?!gcp-)[a-z0-9-]{4,32}$/;

/** The id of a pool or of a provider. */
export const IDENTITY_ID: Field = {
  type: 'text',
  required: true,
  replaces: true,
  problem: (id) =>
    typeof id === 'string' && ID.test(id)
      ? undefined
      : 'write 4 to 32 lower-case letters, digits and hyphens, not beginning with gcp-',
};

/** What a pool and a provider have alike. */
export const IDENTITY_FIELDS: Fields = {
  project: PROJECT,
  displayName: { type: 'text' },
  description: { type: 'text' },
  disabled: { type: 'flag', same: (was, wanted) => (was ?? false) === (wanted ?? false) },
  deletionPolicy: DELETION_POLICY,
};

const FIELDS: Fields = {
  ...IDENTITY_FIELDS,
  workloadIdentityPoolId: IDENTITY_ID,
  mode: {
    type: 'text',
    replaces: true,
    computed: true,
    oneOf: ['FEDERATION_ONLY', 'TRUST_DOMAIN'],
  },
};

/** `gcp:iam/workloadIdentityPool:WorkloadIdentityPool`, whose certificates are not configured here. */
export const WORKLOAD_IDENTITY_POOL: Kind = {
  token: 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
  fields: FIELDS,
  outputs: ['name', 'state'],
  idOf,
  fullId: (id, settings) => idOf(parseId(TEMPLATE, PARTS, id, settings)),
  ...softDeletedCalls({
    naming: {
      service: 'iam',
      noun: 'workload identity pool',
      permissions: 'iam.workloadIdentityPools',
      role: 'roles/iam.workloadIdentityPoolAdmin',
    },
    fields: FIELDS,
    idField: 'workloadIdentityPoolId',
    idParameter: 'workloadIdentityPoolId',
    mutable: ['displayName', 'description', 'disabled'],
    fixed: ['mode'],
    idOf,
    placeOf(id) {
      const [, project = '', , , , workloadIdentityPoolId = ''] = id.split('/');
      return { project, workloadIdentityPoolId };
    },
  }),
};

function idOf(inputs: Properties): string {
  const [project, pool] = [textOf(inputs, 'project'), textOf(inputs, 'workloadIdentityPoolId')];
  return `projects/${project}/locations/global/workloadIdentityPools/${pool}`;
}

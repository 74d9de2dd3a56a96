import { serviceAccountEmail } from '../../../../src/settings/pipeline-identity.ts';
import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { NAME } from './fields.ts';
import { sameSet, textOf } from './property.ts';
import { restKind, type RestResource } from './rest-kind.ts';

/**
 * `gcp:serviceaccount/account:Account`. The official plug-in sleeps for ten seconds after making one;
 * this does not wait until all of Google knows it.
 */
export const ACCOUNT = restKind({
  token: 'gcp:serviceaccount/account:Account',
  service: 'iam',
  noun: 'service account',
  path: 'projects/{project}/serviceAccounts/{email}',
  fields: {
    accountId: NAME,
    displayName: { type: 'string' },
    description: { type: 'string' },
    disabled: { type: 'boolean', fallback: () => false, only: false, absent: false },
    createIgnoreAlreadyExists: { type: 'boolean', local: true },
  },
  outputs: ['email', 'member', 'name', 'uniqueId'],
  planned(inputs): Properties {
    const [project, accountId] = [textOf(inputs, 'project'), textOf(inputs, 'accountId')];
    if (project === '' || accountId === '') return {};
    const email = serviceAccountEmail(accountId, project);
    const name = `projects/${project}/serviceAccounts/${email}`;
    return { email, member: `serviceAccount:${email}`, name };
  },
  createBody: ({ accountId = '', ...serviceAccount }) => ({ accountId, serviceAccount }),
  adopts: ({ createIgnoreAlreadyExists }) => createIgnoreAlreadyExists === true,
  updateRequest: (serviceAccount, updateMask) => ({ body: { serviceAccount, updateMask } }),
  stateOf(_found, _was, named) {
    const email = textOf(named, 'email');
    return { accountId: email.split('@')[0] ?? '', member: `serviceAccount:${email}` };
  },
});

/**
 * `gcp:projects/iAMCustomRole:IAMCustomRole`. Google keeps a deleted role, and its id, for a while:
 * making it anew undeletes it. One that others have deleted is still there, with `deleted` true.
 */
export const CUSTOM_ROLE = restKind({
  token: 'gcp:projects/iAMCustomRole:IAMCustomRole',
  service: 'iam',
  noun: 'role',
  path: 'projects/{project}/roles/{roleId}',
  fields: {
    roleId: NAME,
    title: { type: 'string', required: true },
    description: { type: 'string' },
    permissions: { type: 'list', required: true, same: sameSet, remote: 'includedPermissions' },
    stage: { type: 'string', fallback: () => 'GA', absent: 'ALPHA' },
  },
  outputs: ['deleted', 'name'],
  createBody: (role, id) => ({ roleId: id.split('/').at(-1) ?? '', role }),
  revival: 'undelete',
  stateOf: ({ deleted }) => ({ deleted: deleted === true }),
});

/** `gcp:projects/service:Service`: an API that is on in a project, and stays on. */
export const PROJECT_SERVICE = restKind({
  token: 'gcp:projects/service:Service',
  service: 'serviceUsage',
  noun: 'API',
  id: '{project}/{service}',
  path: 'projects/{project}/services/{service}',
  fields: {
    service: NAME,
    disableOnDestroy: { type: 'boolean', local: true, only: false },
  },
  outputs: [],
  creation: 'enable',
  isThere: ({ state }) => state === 'ENABLED',
  stays: true,
});

/** Google keeps the id of a deleted one for 30 days; making it anew fails with 409, as with the official plug-in. */
const IDENTITY = {
  service: 'iam',
  outputs: ['name', 'state'],
  isThere: ({ state }) => state !== 'DELETED',
} satisfies Partial<RestResource>;

const IDENTITY_FIELDS = {
  workloadIdentityPoolId: NAME,
  displayName: { type: 'string' },
  description: { type: 'string' },
  disabled: { type: 'boolean', absent: false },
} as const;

const POOL_PATH =
  'projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}';

/** `gcp:iam/workloadIdentityPool:WorkloadIdentityPool`. */
export const WORKLOAD_IDENTITY_POOL = restKind({
  ...IDENTITY,
  token: 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
  noun: 'workload identity pool',
  path: POOL_PATH,
  fields: IDENTITY_FIELDS,
  idParameter: 'workloadIdentityPoolId',
});

/** `gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider`, of OpenID Connect. */
export const WORKLOAD_IDENTITY_PROVIDER = restKind({
  ...IDENTITY,
  token: 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
  noun: 'workload identity provider',
  path: `${POOL_PATH}/providers/{workloadIdentityPoolProviderId}`,
  fields: {
    ...IDENTITY_FIELDS,
    workloadIdentityPoolProviderId: NAME,
    attributeMapping: { type: 'object' },
    attributeCondition: { type: 'string' },
    oidc: { type: 'object', required: true },
  },
  idParameter: 'workloadIdentityPoolProviderId',
});

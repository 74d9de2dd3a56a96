import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, type Script } from './scripted-google.ts';

const PROJECT = 'projects/ci-images';
const PLACE = `${PROJECT}/locations/europe-west4`;
const POOLS = `${PROJECT}/locations/global/workloadIdentityPools`;
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';

/** A finished operation. */
export const DONE = { name: `${PLACE}/operations/o`, done: true };
export const GONE = { status: 404 };

/** A resource of one kind: what the program declares, and what is sent to Google for it. */
export interface Sample {
  readonly type: string;
  readonly api: string;
  /** The id and the name at Google: `parent/name`. */
  readonly parent: string;
  readonly name: string;
  readonly news: Properties;
  /** The request that makes it: its query and its body. */
  readonly query?: string;
  readonly body: Properties;
  /** What Google has afterwards. */
  readonly there: Properties;
  /** Google makes and changes it by operations. */
  readonly isSlow?: true;
  /** New values of inputs, and the request for them: its query and its body. */
  readonly change: Properties;
  readonly patchQuery?: string;
  readonly patch: Properties;
  /** An input of which a new value takes another resource. */
  readonly replaces: string;
}

const TARGET = {
  uri: 'https://ci.example.com/start',
  body: 'e30=',
  headers: { Accept: 'text/plain' },
  oauthToken: { serviceAccountEmail: EMAIL },
};
const SENT_JOB = {
  schedule: '0 0 * * *',
  timeZone: 'Etc/UTC',
  attemptDeadline: '180s',
  retryConfig: { retryCount: 1 },
  httpTarget: TARGET,
};

export const JOB: Sample = {
  type: 'gcp:cloudscheduler/job:Job',
  api: 'cloudscheduler',
  parent: `${PLACE}/jobs`,
  name: 'refresh',
  news: {
    name: 'refresh',
    schedule: '0 0 * * *',
    retryConfig: { retryCount: 1 },
    httpTarget: TARGET,
  },
  body: { name: `${PLACE}/jobs/refresh`, ...SENT_JOB },
  // With defaults written out, and headers of Google's own.
  there: {
    ...SENT_JOB,
    name: `${PLACE}/jobs/refresh`,
    state: 'ENABLED',
    retryConfig: { retryCount: 1, minBackoffDuration: '5s', maxDoublings: 5 },
    httpTarget: {
      ...TARGET,
      headers: {
        Accept: 'text/plain',
        'User-Agent': 'Google-Cloud-Scheduler',
        'Content-Type': 'application/octet-stream',
        'X-Google-Something': 'x',
      },
    },
  },
  change: { schedule: '0 5 * * *', paused: false },
  patch: { ...SENT_JOB, schedule: '0 5 * * *' },
  replaces: 'name',
};

const POLICIES: readonly Properties[] = [
  { id: 'keep', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  {
    id: 'delete',
    action: 'DELETE',
    condition: { olderThan: '2592000s', tagState: 'TAGGED', tagPrefixes: [] },
  },
];
const SENT_POLICIES = {
  keep: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  delete: { action: 'DELETE', condition: { olderThan: '2592000s', tagState: 'TAGGED' } },
};
const LABELS = { team: 'ci', empty: '', 'goog-pulumi-provisioned': 'true' };

export const REPOSITORY: Sample = {
  type: 'gcp:artifactregistry/repository:Repository',
  api: 'artifactregistry',
  parent: `${PLACE}/repositories`,
  name: 'images',
  news: {
    repositoryId: 'images',
    format: 'DOCKER',
    labels: { team: 'ci', empty: '' },
    cleanupPolicyDryRun: true,
    cleanupPolicies: POLICIES,
  },
  query: '?repository_id=images',
  body: {
    format: 'DOCKER',
    mode: 'STANDARD_REPOSITORY',
    labels: LABELS,
    cleanupPolicyDryRun: true,
    cleanupPolicies: SENT_POLICIES,
  },
  there: {
    name: `${PLACE}/repositories/images`,
    format: 'DOCKER',
    mode: 'STANDARD_REPOSITORY',
    labels: LABELS,
    cleanupPolicies: SENT_POLICIES,
    cleanupPolicyDryRun: true,
    createTime: '2026-01-01T00:00:00Z',
    sizeBytes: '0',
    registryUri: 'europe-west4-docker.pkg.dev/ci-images/images',
  },
  isSlow: true,
  // Empty values are cleared.
  change: { description: 'new', cleanupPolicies: [], cleanupPolicyDryRun: false, labels: {} },
  patchQuery: `?updateMask=${encodeURIComponent('description,cleanupPolicies,cleanupPolicyDryRun,labels')}`,
  patch: { description: 'new', labels: { 'goog-pulumi-provisioned': 'true' } },
  replaces: 'repositoryId',
};

export const ACCOUNT: Sample = {
  type: 'gcp:serviceaccount/account:Account',
  api: 'iam',
  parent: `${PROJECT}/serviceAccounts`,
  name: EMAIL,
  news: { accountId: 'runner', displayName: 'Runner' },
  body: { accountId: 'runner', serviceAccount: { displayName: 'Runner' } },
  there: {
    name: `${PROJECT}/serviceAccounts/${EMAIL}`,
    projectId: 'ci-images',
    uniqueId: '1',
    email: EMAIL,
    displayName: 'Runner',
  },
  change: { displayName: 'New' },
  patch: { serviceAccount: { displayName: 'New' }, updateMask: 'displayName' },
  replaces: 'accountId',
};

export const ROLE: Sample = {
  type: 'gcp:projects/iAMCustomRole:IAMCustomRole',
  api: 'iam',
  parent: `${PROJECT}/roles`,
  name: 'starter',
  news: { roleId: 'starter', title: 'Starts', permissions: ['b.c.get', 'a.b.create'] },
  body: {
    roleId: 'starter',
    role: { title: 'Starts', stage: 'GA', includedPermissions: ['b.c.get', 'a.b.create'] },
  },
  there: {
    name: `${PROJECT}/roles/starter`,
    title: 'Starts',
    stage: 'GA',
    includedPermissions: ['a.b.create', 'b.c.get'],
  },
  change: { permissions: ['a.b.create'] },
  patchQuery: '?updateMask=includedPermissions',
  patch: { includedPermissions: ['a.b.create'] },
  replaces: 'roleId',
};

export const POOL: Sample = {
  type: 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
  api: 'iam',
  parent: POOLS,
  name: 'pipelines',
  news: { workloadIdentityPoolId: 'pipelines', displayName: 'Pipelines' },
  query: '?workloadIdentityPoolId=pipelines',
  body: { displayName: 'Pipelines' },
  there: { name: 'projects/12/locations/global/...', state: 'ACTIVE', displayName: 'Pipelines' },
  isSlow: true,
  change: { displayName: 'Others' },
  patchQuery: '?updateMask=displayName',
  patch: { displayName: 'Others' },
  replaces: 'workloadIdentityPoolId',
};

const TRUST = {
  attributeMapping: { 'google.subject': 'assertion.sub' },
  attributeCondition: 'true',
  oidc: { issuerUri: 'https://gitlab.com/' },
};

export const PROVIDER: Sample = {
  type: 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
  api: 'iam',
  parent: `${POOLS}/pipelines/providers`,
  name: 'gitlab',
  news: {
    workloadIdentityPoolId: 'pipelines',
    workloadIdentityPoolProviderId: 'gitlab',
    ...TRUST,
  },
  query: '?workloadIdentityPoolProviderId=gitlab',
  body: TRUST,
  there: { name: 'projects/12/locations/global/...', state: 'ACTIVE', ...TRUST },
  isSlow: true,
  change: { attributeCondition: 'false' },
  patchQuery: '?updateMask=attributeCondition',
  patch: { attributeCondition: 'false' },
  replaces: 'workloadIdentityPoolProviderId',
};

/** The calls for a sample. */
export function callsFor({ api, parent, name, query = '', patchQuery = '' }: Sample) {
  const id = `${parent}/${name}`;
  const at = `${api}/v1/${id}`;
  return {
    id,
    at,
    create: `POST ${api}/v1/${parent}${query}`,
    get: `GET ${at}`,
    patch: `PATCH ${at}${patchQuery}`,
    remove: `DELETE ${at}`,
  };
}

/** A Google that takes the requests for a sample; other responses may replace its own. */
export function google(sample: Sample, script: Script = {}) {
  const { at, create, get, patch } = callsFor(sample);
  const { there, isSlow } = sample;
  return scriptedGoogle({
    [create]: isSlow === true ? DONE : there,
    [patch]: isSlow === true ? DONE : there,
    // Roles are looked for before they are made.
    [get]: sample === ROLE ? [GONE, there] : there,
    [`POST ${at}:resume`]: there,
    [`POST ${at}:pause`]: { ...there, state: 'PAUSED' },
    ...script,
  });
}

/** A sample after a first run. */
export async function made(sample: Sample, script: Script = {}) {
  const world = await google(sample, script);
  const resource = world.resource(sample.type);
  const { id, outputs } = await resource.create(sample.news);
  return { ...world, resource, id, outputs };
}

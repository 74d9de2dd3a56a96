import { test } from 'vitest';
import { expectExplained, isExplained } from './expect-explained.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../infra/oci/protocol/unary.ts';
import { createGcpStandIn } from '../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';
import { GoogleError } from '../../infra/sandbox/stand-ins/gcp/google-client.ts';
import * as job from '../sandbox/stand-ins/gcp/some-gcp-job.ts';
import * as repository from '../sandbox/stand-ins/gcp/some-gcp-repository.ts';

const ACCOUNT = 'projects/ci-images/serviceAccounts/runner@ci-images.iam.gserviceaccount.com';
const ROLE = { role: 'roles/artifactregistry.reader' };
const POLICY = { version: 3, etag: 'e', bindings: [{ ...ROLE, members: ['allUsers'] }] };
const POOL = 'projects/ci-images/locations/global/workloadIdentityPools/ci';
const OPERATION = { name: 'projects/ci-images/operations/o', done: true, response: {} };

/** A resource type, its id, inputs, and what Google has of it. */
const RESOURCES: readonly [type: string, id: string, news: Properties, there: Properties][] = [
  [job.TYPE, job.ID, job.NEWS, job.THERE],
  [repository.TYPE, repository.ID, repository.NEWS, { ...repository.THERE, ...OPERATION }],
  [
    'gcp:serviceaccount/account:Account',
    ACCOUNT,
    { accountId: 'runner' },
    { name: ACCOUNT, email: ACCOUNT.slice(35), projectId: 'ci-images', uniqueId: '1', etag: 'e' },
  ],
  [
    'gcp:projects/iAMCustomRole:IAMCustomRole',
    'projects/ci-images/roles/starter',
    { roleId: 'starter', title: 'Starts', permissions: ['a.b.c'] },
    { title: 'Starts', includedPermissions: ['a.b.c'], stage: 'GA', deleted: true },
  ],
  [
    'gcp:projects/iAMMember:IAMMember',
    'ci-images/roles/artifactregistry.reader/allUsers',
    { project: 'ci-images', ...ROLE, member: 'allUsers' },
    {
      ...POLICY,
      bindings: [...POLICY.bindings, { ...ROLE, members: [], condition: { title: 't' } }],
    },
  ],
  [
    'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding',
    `${repository.ID}/roles/artifactregistry.reader`,
    { repository: repository.ID, location: 'europe-west4', ...ROLE, members: ['allUsers'] },
    POLICY,
  ],
  [
    'gcp:projects/service:Service',
    'ci-images/run.googleapis.com',
    { service: 'run.googleapis.com' },
    { ...OPERATION, name: 'projects/1/services/run.googleapis.com', state: 'ENABLED' },
  ],
  [
    'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
    POOL,
    { workloadIdentityPoolId: 'ci-images' },
    { ...OPERATION, displayName: 'CI', state: 'ACTIVE', disabled: true },
  ],
  [
    'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
    `${POOL}/providers/gitlab`,
    {
      ...{ workloadIdentityPoolId: 'ci-images', workloadIdentityPoolProviderId: 'gitlab' },
      ...{ attributeMapping: { 'google.subject': 'assertion.sub' } },
      oidc: { issuerUri: 'https://gitlab.com' },
    },
    { ...OPERATION, state: 'ACTIVE', oidc: { issuerUri: 'https://gitlab.com' } },
  ],
];

/** What Google has, and nothing else, is what a plug-in must be able to read, or say why it can't. */
function isExplainedHere(error: unknown): boolean {
  if (error instanceof UnfinishedError) return isExplainedHere(error.cause);
  const isPlain =
    error instanceof Error && error.constructor === Error && error.message.includes('; ');
  return isExplained(error) || error instanceof GoogleError || isPlain;
}

test.each(RESOURCES)(
  "Google's responses about a %s, broken in many ways, are read or explained",
  { timeout: 300_000 },
  async (token, id, news, there) => {
    let text = '';
    const fetch = () => Promise.resolve(new Response(text));
    let sleeps = 0;
    // A job that Google says is under way is waited for: for 20 minutes, which is no hang.
    const sleep = () =>
      (sleeps += 1) < 50 ? Promise.resolve() : Promise.reject(new Error('still at it; run again'));
    const plugin = createGcpStandIn({}, { fetch, sleep });
    const settings = { accessToken: 's3cret', project: 'ci-images', region: 'europe-west4' };
    await plugin.configure?.(settings);
    const type = plugin.resources[token];
    if (type === undefined) throw new Error(`no ${token}`);
    const signal = new AbortController().signal;
    const context = { urn: `urn:pulumi:s::p::${token}::thing`, log: () => undefined, signal };
    const checked = await type.check?.({ ...context, olds: undefined, news });
    const inputs = checked?.inputs ?? {};
    if (
      checked === undefined ||
      (checked.failures ?? []).length > 0 ||
      Object.values(inputs).includes(UNKNOWN)
    )
      throw new Error(`${token}: ${JSON.stringify(checked)}`);
    await expectExplained(
      JSON.stringify(there),
      async (input) => {
        [text, sleeps] = [input, 0];
        const read = await type.read({ ...context, id, inputs, outputs: {} });
        if (read !== undefined) {
          const { outputs } = read;
          await type.diff({ ...context, id, oldInputs: inputs, oldOutputs: outputs, news: inputs });
        }
        await type.create({ ...context, inputs, preview: false });
      },
      isExplainedHere,
    );
  },
);

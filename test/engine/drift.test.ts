import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  JOB,
  REPOSITORY,
  ROLE,
  startDeclaredRegistry,
  WRITER,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

let declared: DeclaredRegistry;
let before: unknown;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  const { code, output } = await declared.checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
  before = await look();
  await meddle();
});

afterAll(() => declared.close());

describe('what somebody changed by hand', () => {
  it('is seen by preview --refresh: the repository, its writers, the schedule, its account and role', async () => {
    expect(await previewedSteps(declared.checkout, '--refresh')).toEqual([
      'create gcp:serviceaccount/account:Account refresh-starter',
      'update gcp:artifactregistry/repository:Repository images',
      'update gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding images-writers',
      'update gcp:cloudscheduler/job:Job refresh',
      'update gcp:projects/iAMCustomRole:IAMCustomRole refresh-starter',
    ]);
  });

  it('fails the drift gate with 7, and each difference is named', async () => {
    const { code, output } = await preview('--diff', '--color', 'never');
    expect(code).toBe(7);
    for (const difference of [
      /~ application: "something-else" => "kubernetes-ci-images"/,
      /\+ managed-by : "pulumi"/,
      /\+ olderThan: "2592000s"/,
      /\+ cleanupPolicyDryRun: true/,
      /- \[\d\]: "user:mallory@example.com"/,
      /~ paused +: true => false/,
      /~ schedule: "\*\/5 \* \* \* \*" => "0 3 \* \* \*"/,
      /- \[\d\]: "cloudbuild.builds.update"/,
      /\+ gcp:serviceaccount\/account:Account: \(create\)/,
    ]) {
      expect(output).toMatch(difference);
    }
  });

  it('is put back by up --refresh, whole, and leaves no drift', async () => {
    expect(await look()).not.toEqual(before);
    const { code, output } = await declared.checkout.pulumi(...up('--refresh'));
    expect(output).not.toContain('error');
    expect(code).toBe(0);
    expect(await look()).toEqual(before);
    expect((await preview()).code).toBe(0);
  });
});

const preview = (...args: string[]) =>
  declared.checkout.pulumi('preview', '--refresh', '--expect-no-changes', ...args);

/** Changes all that the program declares, through the same APIs. */
async function meddle(): Promise<void> {
  const act = (...call: Parameters<typeof declared.act>) => declared.act(...call);
  await act('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies,cleanupPolicyDryRun,labels`, {
    labels: { application: 'something-else', 'goog-pulumi-provisioned': 'true' },
    cleanupPolicyDryRun: false,
  });
  await act('POST', `v1/${REPOSITORY}:setIamPolicy`, {
    policy: {
      bindings: [
        { role: 'roles/artifactregistry.reader', members: ['allUsers'] },
        { role: 'roles/artifactregistry.writer', members: [WRITER, 'user:mallory@example.com'] },
      ],
    },
  });
  await act('PATCH', `v1/${JOB}?updateMask=schedule`, { schedule: '*/5 * * * *' });
  await act('POST', `v1/${JOB}:pause`, {});
  await act('DELETE', `v1/${ACCOUNT}`);
  await act('PATCH', `v1/${ROLE}?updateMask=includedPermissions`, {
    includedPermissions: ['cloudbuild.builds.create', 'cloudbuild.builds.update'],
  });
}

/** All of it as Google has it, without what Google itself makes anew with every change. */
async function look(): Promise<unknown> {
  const names = [REPOSITORY, `${REPOSITORY}:getIamPolicy`, JOB, ROLE, ACCOUNT];
  const answers = names.map(async (name) => {
    const { status, body } = await declared.fixture.call('GET', `v1/${name}`);
    return { status, ...(status === 200 && { body: lasting(body as object) }) };
  });
  return Promise.all(answers);
}

const PASSING = ['etag', 'updateTime', 'userUpdateTime', 'uniqueId', 'oauth2ClientId'];

function lasting(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !PASSING.includes(key)));
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  JOB,
  REPOSITORY,
  ROLE,
  STARTER,
  startDeclaredRegistry,
  TRIGGER,
  WRITER,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps, succeeded } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

const APIS = ['artifactregistry', 'cloudbuild', 'cloudresourcemanager', 'cloudscheduler', 'iam'];
const GRANT = { role: ROLE, members: [`serviceAccount:${STARTER}`] };

let declared: DeclaredRegistry;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
});

afterAll(() => declared.close());

describe('the registry as code, step by step', () => {
  it('previews every resource by a name that a reviewer understands, and makes none', async () => {
    expect(await previewedSteps(declared.checkout)).toEqual([
      'create docker:index/image:Image alpha',
      'create gcp:artifactregistry/repository:Repository images',
      'create gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding images-readers',
      'create gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding images-writers',
      'create gcp:cloudscheduler/job:Job refresh',
      'create gcp:projects/iAMCustomRole:IAMCustomRole refresh-starter',
      'create gcp:projects/iAMMember:IAMMember refresh-starter',
      ...APIS.map((api) => `create gcp:projects/service:Service ${api}.googleapis.com`),
      'create gcp:serviceaccount/account:Account refresh-starter',
      'create kubernetes-ci-images:index:BuildStarter refresh-starter',
      'create kubernetes-ci-images:index:GoogleApis google-apis',
      'create kubernetes-ci-images:index:ImageRegistry images',
      'create kubernetes-ci-images:index:PublishedImage alpha',
      'create kubernetes-ci-images:index:ScheduledRefresh refresh',
      'create kubernetes-ci-images:index:SupportedBranches supported-branches',
      'create oci:index:Publication alpha',
      'create oci:index:ReferencedVersions referenced-versions',
      'create oci:index:Tag alpha-latest',
      'create pulumi:providers:oci registry',
      'create pulumi:pulumi:Stack kubernetes-ci-images-sandbox',
    ]);
    expect(await declared.statusOf(REPOSITORY)).toBe(404);
    expect(await declared.read('projects/ci-images/services')).toEqual({});
  });

  it('makes the repository with its clean-up in seconds and in dry run, and who may use it', async () => {
    await succeeded(declared.checkout.pulumi(...up()));
    const repository = await declared.read(REPOSITORY);
    expect(repository).toMatchObject({
      format: 'DOCKER',
      mode: 'STANDARD_REPOSITORY',
      description: expect.stringContaining('Kubernetes CI') as string,
      cleanupPolicyDryRun: true,
    });
    expect(repository).toHaveProperty('labels', {
      application: 'kubernetes-ci-images',
      'managed-by': 'pulumi',
      owner: 'organization_kubernetes-ci-images_sandbox',
      'goog-pulumi-provisioned': 'true',
    });
    // 30 days × 86,400 seconds, and 7 × 86,400; an index, its image and the attestation
    expect(repository).toHaveProperty('cleanupPolicies', {
      'keep-newest': { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 3 } },
      'keep-aliases': {
        id: 'keep-aliases',
        action: 'KEEP',
        condition: { tagState: 'TAGGED', tagPrefixes: ['latest'] },
      },
      'delete-tagged': {
        id: 'delete-tagged',
        action: 'DELETE',
        condition: { tagState: 'TAGGED', olderThan: '2592000s' },
      },
      'delete-untagged': {
        id: 'delete-untagged',
        action: 'DELETE',
        condition: { tagState: 'UNTAGGED', olderThan: '604800s' },
      },
    });
    expect(await declared.read(`${REPOSITORY}:getIamPolicy`)).toHaveProperty('bindings', [
      { role: 'roles/artifactregistry.reader', members: ['allUsers'] },
      { role: 'roles/artifactregistry.writer', members: [WRITER] },
    ]);
  });

  it('makes the schedule, and the account and role that may start builds and nothing else', async () => {
    expect(await declared.read(JOB)).toMatchObject({
      state: 'ENABLED',
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      attemptDeadline: '180s',
      retryConfig: { retryCount: 1 },
      httpTarget: {
        uri: `http://${declared.fixture.emulator}/v1/${TRIGGER}:run`,
        httpMethod: 'POST',
        body: Buffer.from('{}').toString('base64'),
        oauthToken: { serviceAccountEmail: STARTER },
      },
    });
    expect(await declared.statusOf(ACCOUNT)).toBe(200);
    expect(await declared.read(ROLE)).toHaveProperty('includedPermissions', [
      'cloudbuild.builds.create',
    ]);
    expect(await projectBindings()).toEqual([GRANT]);
    expect(await declared.read('projects/ci-images/services')).toMatchObject({
      services: APIS.map((api) => ({ config: { name: `${api}.googleapis.com` } })),
    });
  });

  it('starts the build on schedule as the account of the job, which without its role may not', async () => {
    const policy = 'v1/projects/ci-images:setIamPolicy';
    expect(await fired()).toMatchObject({ state: 'SUCCEEDED', attempts: [{ httpStatus: 200 }] });
    // The second try would come after five seconds.
    await declared.act('PATCH', `v1/${JOB}?updateMask=retryConfig`, { retryConfig: {} });
    await declared.act('POST', policy, { policy: { bindings: [] } });
    expect(await fired()).toMatchObject({ state: 'FAILED', attempts: [{ httpStatus: 403 }] });
    expect(await declared.act('GET', 'emulator/v1/builds')).toMatchObject({
      builds: [{ trigger: TRIGGER, by: STARTER }],
    });
    await declared.act('POST', policy, { policy: { bindings: [GRANT] } });
    await declared.act('PATCH', `v1/${JOB}?updateMask=retryConfig`, {
      retryConfig: { retryCount: 1 },
    });
  });

  it('changes nothing the second time', async () => {
    await expectNoChanges(...up());
  });

  it('finds no drift, whether the refresh runs the program or not', async () => {
    await expectNoChanges('preview', '--refresh', '--run-program');
    await expectNoChanges('preview', '--refresh', '--run-program=false');
  });
});

async function expectNoChanges(...args: string[]): Promise<void> {
  await succeeded(declared.checkout.pulumi(...args, '--expect-no-changes'));
}

const fired = () => declared.act('POST', `emulator/v1/jobs/${JOB}:fire`);

async function projectBindings(): Promise<unknown> {
  const policy = await declared.act('POST', 'v1/projects/ci-images:getIamPolicy', {});
  return (policy as { bindings?: unknown }).bindings;
}

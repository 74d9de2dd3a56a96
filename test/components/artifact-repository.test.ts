import { describe, expect, it } from 'vitest';
import { GoogleApis } from '../../infra/components/google-apis.ts';
import {
  ArtifactRepository,
  type ArtifactRepositoryArgs,
} from '../../infra/components/artifact-repository.ts';
import type { CleanupPolicy } from '../../src/retention/compile-policies.ts';
import { valueOf, echo, failing, resourcesOf } from '../support/recording-mocks.ts';

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';
const SERVICE = 'gcp:projects/service:Service';
const RESPOND = echo(REPOSITORY, BINDING, SERVICE);

const POLICIES: readonly CleanupPolicy[] = [
  { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
];

const WRITERS = ['group:ci@example.com', 'serviceAccount:ci@p.iam.gserviceaccount.com'];

const ARGS: ArtifactRepositoryArgs = {
  part: 'all',
  repositoryId: 'images',
  location: 'europe-west4',
  cleanupPolicies: POLICIES,
  cleanupPolicyDryRun: true,
  grants: [
    { name: 'readers', role: 'roles/artifactregistry.reader', members: ['allUsers'] },
    { name: 'writers', role: 'roles/artifactregistry.writer', members: WRITERS },
  ],
};

const declare = (changed: Partial<ArtifactRepositoryArgs> = {}) =>
  resourcesOf(RESPOND, () => new ArtifactRepository('images', { ...ARGS, ...changed }));

it('holds Docker images as settings and retention say, and is protected', async () => {
  const { inputs, name, options } = (await declare()).only(REPOSITORY);
  expect(name).toBe('images');
  // An ImageRegistry: the name of the type stays, since it is in the URNs of every stack.
  const parent = 'kubernetes-ci-images:index:ImageRegistry images';
  expect(options).toMatchObject({ protect: true, parent });
  expect(inputs).toMatchObject({
    repositoryId: 'images',
    location: 'europe-west4',
    format: 'DOCKER',
    description: expect.stringContaining('declared in code') as unknown,
    labels: {
      application: 'kubernetes-ci-images',
      'managed-by': 'pulumi',
      owner: 'organization_kubernetes-ci-images_test',
    },
    cleanupPolicies: POLICIES,
    cleanupPolicyDryRun: true,
  });
  const { inputs: daily } = (await declare({ part: 'daily' })).only(REPOSITORY);
  expect(daily['labels']).toMatchObject({ part: 'daily' });
  // No immutable tags at Google: what is tagged could never be cleaned up.
  expect(inputs).not.toHaveProperty('dockerConfig');
});

describe('who may use it', () => {
  it('is one binding a role, which leaves no room for members added by hand', async () => {
    const bindings = (await declare()).all(BINDING);
    // A destroy that is refused must not take access away.
    for (const { options } of bindings) expect(options.protect).toBe(true);
    const place = { repository: 'images', location: 'europe-west4' };
    expect(bindings.map(({ name, inputs }) => [name, inputs])).toEqual([
      [
        'images-readers',
        { ...place, role: 'roles/artifactregistry.reader', members: ['allUsers'] },
      ],
      ['images-writers', { ...place, role: 'roles/artifactregistry.writer', members: WRITERS }],
    ]);
  });

  it('is left to the project, or to another stack, where nobody is named', async () => {
    expect((await declare({ grants: [] })).all(BINDING)).toEqual([]);
  });
});

it('waits for the APIs that are switched on', async () => {
  const resources = await resourcesOf(RESPOND, () => {
    const apis = new GoogleApis('apis', { apis: ['artifactregistry.googleapis.com'] });
    return new ArtifactRepository('images', ARGS, { dependsOn: apis.settled });
  });
  expect(resources.only(SERVICE).inputs).toEqual({
    service: 'artifactregistry.googleapis.com',
    disableOnDestroy: false,
  });
  expect(resources.only(REPOSITORY).options.dependencies).toContain(
    `${SERVICE} artifactregistry.googleapis.com`,
  );
});

it('registers who may use it also when the repository could not be brought about', async () => {
  let repository: ArtifactRepository | undefined;
  const resources = await resourcesOf(
    { ...RESPOND, ...failing(REPOSITORY) },
    () => (repository = new ArtifactRepository('images', ARGS)),
  );
  expect(resources.all(BINDING).map(({ name }) => name)).toEqual([
    'images-readers',
    'images-writers',
  ]);
  expect(repository && (await valueOf(repository.outcome))).toMatchObject({ kind: 'failed' });
});

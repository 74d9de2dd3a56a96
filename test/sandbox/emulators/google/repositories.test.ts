import { describe, expect, test } from 'vitest';
import { apiError, createRepository, NOON, PARENT, REPOSITORY, startApi } from './started-api.ts';

const COLLECTION = `v1/${PARENT}/repositories`;
/** A repository with all that this project sets. */
const FULL = {
  format: 'DOCKER',
  mode: 'STANDARD_REPOSITORY',
  description: 'Images of Kubernetes CI',
  labels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
  cleanupPolicies: {
    old: { action: 'DELETE', condition: { tagState: 'ANY', olderThan: '2592000s' } },
    newest: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  },
  cleanupPolicyDryRun: true,
};

describe('create', () => {
  test('responds with a finished operation that has the repository', async () => {
    const { call, registry } = await startApi();
    const { status, body } = await call('POST', `${COLLECTION}?repository_id=images`, FULL);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: expect.stringMatching(new RegExp(`^${PARENT}/operations/[a-z0-9-]+$`)) as unknown,
      done: true,
      response: {
        '@type': 'type.googleapis.com/google.devtools.artifactregistry.v1.Repository',
        ...FULL,
        name: REPOSITORY,
        createTime: NOON,
        updateTime: NOON,
        sizeBytes: '0',
        registryUri: `${registry.address}/ci-images/images`,
        cleanupPolicies: {
          old: { ...FULL.cleanupPolicies.old, id: 'old' },
          newest: { ...FULL.cleanupPolicies.newest, id: 'newest' },
        },
      },
    });
  });

  test("takes a null for no field at all, and ignores the service's own fields", async () => {
    const api = await startApi();
    const condition = { olderThan: '1s', tagPrefixes: null };
    const old = { action: 'DELETE', condition, mostRecentVersions: null };
    const cleanupPolicies = { old };
    await createRepository(api, { description: null, cleanupPolicies, createTime: 'x' });
    const { body } = await api.call('GET', `v1/${REPOSITORY}`);
    expect(body).toMatchObject({
      createTime: NOON,
      cleanupPolicies: { old: { condition: { olderThan: '1s' } } },
    });
    expect(body).not.toHaveProperty('description');
  });

  test('of a name that another location has is rejected: both would be one path', async () => {
    const api = await startApi();
    await createRepository(api);
    const elsewhere = `${COLLECTION}?repositoryId=images`.replace('europe-west4', 'europe');
    const other = await api.call('POST', elsewhere, { format: 'DOCKER' });
    expect(other).toMatchObject(apiError(400, 'FAILED_PRECONDITION'));
  });

  const ID = '?repository_id=a';
  test.each<[string, string, object, RegExp | string]>([
    ['an unknown parameter', `${ID}&x=1`, FULL, /"x"/],
    [
      'an unknown format',
      ID,
      { format: 'TAR' },
      `Invalid value at 'repository.format' (TYPE_ENUM), "TAR"`,
    ],
    ['an upstream', ID, { ...FULL, remoteRepositoryConfig: {} }, /remoteRepositoryConfig/],
    [
      'an unknown field',
      ID,
      { ...FULL, immutable: true },
      `Invalid JSON payload received. Unknown name "immutable" at 'repository': Cannot find field.`,
    ],
    [
      'a field of another type',
      ID,
      { ...FULL, cleanupPolicyDryRun: 'yes' },
      `Invalid value at 'repository.cleanup_policy_dry_run' (TYPE_BOOL), "yes"`,
    ],
    ['a capital in a label', ID, { ...FULL, labels: { Team: 'ci' } }, /labels.Team/],
    ['a space in a label', ID, { ...FULL, labels: { team: 'c i' } }, /labels.team/],
  ])('with %s is rejected', async (_, query, body, message) => {
    const { call } = await startApi();
    const text: unknown = message instanceof RegExp ? expect.stringMatching(message) : message;
    expect(await call('POST', `${COLLECTION}${query}`, body)).toMatchObject(
      apiError(400, 'INVALID_ARGUMENT', text),
    );
    expect((await call('GET', COLLECTION)).body).toEqual({});
  });

  test.each([
    ['a location', PARENT.replace('europe-west4', 'nowhere'), 403, 'PERMISSION_DENIED'],
    ['a project', PARENT.replace('ci-images', 'CI'), 400, 'INVALID_ARGUMENT'],
  ])('in %s that Google does not have is rejected', async (_, parent, code, status) => {
    const { call } = await startApi();
    const path = `v1/${parent}/repositories?repository_id=images`;
    expect(await call('POST', path, FULL)).toMatchObject(apiError(code, status));
  });

  test('names every wrong field of a body at once, as a google.rpc.BadRequest', async () => {
    const { call } = await startApi();
    const policy = { action: 'DELETE', condition: { olderThan: '30d', ageLimit: 1 } };
    const response = await call('POST', `${COLLECTION}?repository_id=a`, {
      cleanupPolicies: { a: { action: 'KEEP' }, old: policy },
      immutable: true,
    });
    const place = 'repository.cleanup_policies.old.condition';
    const fields = [`${place}.older_than`, place, 'repository'];
    const fieldViolations: unknown = expect.arrayContaining(
      fields.map((field): unknown => expect.objectContaining({ field })),
    );
    const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }];
    expect(response).toMatchObject({ status: 400, body: { error: { details } } });
  });
});

describe('patch', () => {
  test('changes only what is in the mask, at once, and clears what the body lacks', async () => {
    const api = await startApi();
    await createRepository(api, FULL);
    await api.call('PUT', 'emulator/v1/clock', { advance: '60s' });
    const { status, body } = await api.call(
      'PATCH',
      `v1/${REPOSITORY}?updateMask=cleanupPolicies,labels,cleanup_policy_dry_run`,
      {
        description: 'not in the mask',
        cleanupPolicies: { old: { action: 'DELETE', condition: { olderThan: '86400s' } } },
      },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: REPOSITORY,
      description: FULL.description,
      updateTime: '2026-03-01T12:01:00.000Z',
      cleanupPolicies: { old: { id: 'old', condition: { olderThan: '86400s' } } },
    });
    expect(body).not.toHaveProperty('labels');
    expect(body).not.toHaveProperty('cleanupPolicyDryRun');
    expect(body).not.toHaveProperty('cleanupPolicies.newest');
    expect((await api.call('GET', `v1/${REPOSITORY}`)).body).toEqual(body);
  });

  test('of what never changes, or to what can not be, changes nothing', async () => {
    const api = await startApi();
    await createRepository(api, FULL);
    const before = await api.call('GET', `v1/${REPOSITORY}`);
    for (const [mask, body] of [
      ['format', { format: 'NPM' }],
      ['owner', {}],
      ['labels', { labels: { 'Not-OK': '' } }],
      ['cleanupPolicies', { cleanupPolicies: { empty: {} } }],
      ['description', { name: `${PARENT}/repositories/other` }],
    ] as const) {
      const response = await api.call('PATCH', `v1/${REPOSITORY}?updateMask=${mask}`, body);
      expect(response).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    }
    expect((await api.call('GET', `v1/${REPOSITORY}`)).body).toEqual(before.body);
  });
});

describe('delete', () => {
  test('takes the images with it, those of others stay', async () => {
    const api = await startApi();
    await createRepository(api);
    const child = api.registry.push('ci-images/images/debian-12', 'child');
    api.registry.pushIndex('ci-images/images/debian-12', [child], 'latest');
    const other = api.registry.push('ci-images/images-2/debian-12', 'other', 'latest');
    const { status, body } = await api.call('DELETE', `v1/${REPOSITORY}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      done: true,
      response: { '@type': 'type.googleapis.com/google.protobuf.Empty' },
    });
    expect(api.registry.held()).toEqual([`ci-images/images-2/debian-12@${other}`]);
    expect(await api.call('GET', `v1/${REPOSITORY}`)).toMatchObject(apiError(404, 'NOT_FOUND'));
    expect(await api.call('DELETE', `v1/${REPOSITORY}`)).toMatchObject(apiError(404, 'NOT_FOUND'));
  });
});

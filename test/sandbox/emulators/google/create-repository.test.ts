import { describe, expect, test } from 'vitest';
import { COLLECTION, FULL } from './some-repository.ts';
import { createRepository, NOON, PARENT, refusal, REPOSITORY, startApi } from './started-api.ts';

describe('create', () => {
  test('answers a finished operation with the repository in it', async () => {
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
    const { name } = body as { name: string };
    expect(await call('GET', `v1/${name}?alt=json`)).toMatchObject({ status: 200, body });
    expect(await call('GET', `v1/${PARENT}/operations/none`)).toMatchObject(
      refusal(404, 'NOT_FOUND'),
    );
  });

  test('takes a null for no field at all', async () => {
    const api = await startApi();
    const condition = { olderThan: '1s', tagPrefixes: null };
    const old = { action: 'DELETE', condition, mostRecentVersions: null };
    await createRepository(api, { description: null, cleanupPolicies: { old } });
    const { body } = await api.call('GET', `v1/${REPOSITORY}`);
    expect(body).toMatchObject({ cleanupPolicies: { old: { condition: { olderThan: '1s' } } } });
    expect(body).not.toHaveProperty('description');
  });

  test('of what is there already is refused', async () => {
    const api = await startApi();
    await createRepository(api);
    const again = await api.call('POST', `${COLLECTION}?repositoryId=images`, { format: 'DOCKER' });
    expect(again).toMatchObject(refusal(409, 'ALREADY_EXISTS', 'the repository already exists'));
    const elsewhere = COLLECTION.replace('europe-west4', 'europe');
    const other = await api.call('POST', `${elsewhere}?repositoryId=images`, { format: 'DOCKER' });
    expect(other).toMatchObject(refusal(400, 'FAILED_PRECONDITION'));
  });

  const BAD: readonly [string, string, object, [number, string, unknown]][] = [
    ['no id', '', FULL, [400, 'INVALID_ARGUMENT', /repository_id/]],
    ['a capital in the id', '?repository_id=Images', FULL, [400, 'INVALID_ARGUMENT', /Images/]],
    ['a hyphen at the end', '?repository_id=images-', FULL, [400, 'INVALID_ARGUMENT', /images-/]],
    ['an unknown parameter', '?repository_id=a&x=1', FULL, [400, 'INVALID_ARGUMENT', /"x"/]],
    ['no format', '?repository_id=a', {}, [400, 'INVALID_ARGUMENT', /format/]],
    [
      'an unknown format',
      '?repository_id=a',
      { format: 'TAR' },
      [400, 'INVALID_ARGUMENT', `Invalid value at 'repository.format' (TYPE_ENUM), "TAR"`],
    ],
    ['a format without images', '?repository_id=a', { format: 'NPM' }, [501, 'UNIMPLEMENTED', /./]],
    [
      'an upstream',
      '?repository_id=a',
      { ...FULL, remoteRepositoryConfig: {} },
      [501, 'UNIMPLEMENTED', /./],
    ],
    [
      'an unknown field',
      '?repository_id=a',
      { ...FULL, immutable: true },
      [
        400,
        'INVALID_ARGUMENT',
        `Invalid JSON payload received. Unknown name "immutable" at 'repository': Cannot find field.`,
      ],
    ],
    [
      'a field of another type',
      '?repository_id=a',
      { ...FULL, cleanupPolicyDryRun: 'yes' },
      [
        400,
        'INVALID_ARGUMENT',
        `Invalid value at 'repository.cleanup_policy_dry_run' (TYPE_BOOL), "yes"`,
      ],
    ],
    [
      'a capital in a label',
      '?repository_id=a',
      { ...FULL, labels: { Team: 'ci' } },
      [400, 'INVALID_ARGUMENT', /Team/],
    ],
    [
      'a space in a label',
      '?repository_id=a',
      { ...FULL, labels: { team: 'c i' } },
      [400, 'INVALID_ARGUMENT', /team/],
    ],
  ];

  test.each(BAD)('with %s is refused', async (_, query, body, [code, status, message]) => {
    const { call } = await startApi();
    const text: unknown = message instanceof RegExp ? expect.stringMatching(message) : message;
    expect(await call('POST', `${COLLECTION}${query}`, body)).toMatchObject(
      refusal(code, status, text),
    );
    expect((await call('GET', COLLECTION)).body).toEqual({});
  });

  test('at a place that Google does not have is refused', async () => {
    const { call } = await startApi();
    const path = (parent: string) => `v1/${parent}/repositories?repository_id=images`;
    const bodies = [PARENT.replace('west4', 'west99'), PARENT.replace('ci-images', 'CI')];
    expect(await call('POST', path(bodies[0] ?? ''), FULL)).toMatchObject(
      refusal(403, 'PERMISSION_DENIED'),
    );
    expect(await call('POST', path(bodies[1] ?? ''), FULL)).toMatchObject(
      refusal(400, 'INVALID_ARGUMENT'),
    );
  });

  test('names every wrong field of a body at once, as a google.rpc.BadRequest', async () => {
    const { call } = await startApi();
    const policy = { action: 'DELETE', condition: { olderThan: '30d', ageLimit: 1 } };
    const answer = await call('POST', `${COLLECTION}?repository_id=a`, {
      cleanupPolicies: { a: { action: 'KEEP' }, old: policy },
      immutable: true,
    });
    const place = 'repository.cleanup_policies[1].value.condition';
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: {
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: expect.arrayContaining([
                expect.objectContaining({ field: `${place}.older_than` }),
                expect.objectContaining({ field: place }),
                expect.objectContaining({ field: 'repository' }),
              ]) as unknown,
            },
          ],
        },
      },
    });
  });
});

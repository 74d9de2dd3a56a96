import { describe, expect, test } from 'vitest';
import {
  apiError,
  INVALID,
  MISSING,
  NOON,
  PARENT,
  REPOSITORY,
  startApi,
  startWithRepository,
} from './started-api.ts';

const COLLECTION = `v1/${PARENT}/repositories`;
const ONE = `v1/${REPOSITORY}`;
const CREATE = `${COLLECTION}?repository_id=images`;
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
    const { status, body } = await call('POST', CREATE, FULL);
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
        registryUri: `${registry.address}/ci-images/images`,
        cleanupPolicies: {
          old: { ...FULL.cleanupPolicies.old, id: 'old' },
          newest: { ...FULL.cleanupPolicies.newest, id: 'newest' },
        },
      },
    });
  });

  test("takes a null for no field at all, and ignores the service's own fields", async () => {
    const old = { action: 'DELETE', condition: { olderThan: '1s', tagPrefixes: null } };
    const body = { description: null, cleanupPolicies: { old }, createTime: 'x' };
    const { call } = await startWithRepository(body);
    const created = (await call('GET', ONE)).body;
    expect(created).toMatchObject({ createTime: NOON, cleanupPolicies: { old: { id: 'old' } } });
    expect(created).not.toHaveProperty('description');
  });

  test.each<[string, object, RegExp]>([
    ['an unknown format', { format: 'TAR' }, /^Invalid value at 'repository.format' .*, "TAR"$/],
    ['an unknown field', { immutable: true }, /name "immutable" at 'repository': Cannot find/],
    [
      'a field of another type',
      { cleanupPolicyDryRun: 'yes' },
      /^Invalid value at 'repository.cleanupPolicyDryRun' .*, "yes"$/,
    ],
    ['a capital in a label', { labels: { Team: 'ci' } }, /labels.Team/],
    ['a space in a label', { labels: { team: 'c i' } }, /labels.team/],
  ])('with %s is rejected', async (_, change, message) => {
    const { call } = await startApi();
    expect(await call('POST', CREATE, { ...FULL, ...change })).toMatchObject(
      apiError(400, 'INVALID_ARGUMENT', expect.stringMatching(message)),
    );
    expect((await call('GET', COLLECTION)).body).toEqual({});
  });

  test('with an unknown parameter is rejected', async () => {
    const { call } = await startApi();
    expect(await call('POST', `${CREATE}&x=1`, FULL)).toMatchObject(INVALID);
  });

  test('names every wrong field of a body at once, as a google.rpc.BadRequest', async () => {
    const { call } = await startApi();
    const old = { action: 'DELETE', condition: { olderThan: '30d', ageLimit: 1 } };
    const { body } = await call('POST', CREATE, { cleanupPolicies: { old }, immutable: true });
    const place = 'repository.cleanupPolicies.old.condition';
    const fields = [`${place}.olderThan`, place, 'repository'];
    const fieldViolations = fields.map((field) => ({ field }));
    const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }];
    expect(body).toMatchObject({ error: { details } });
  });
});

describe('patch', () => {
  test('changes only what is in the mask, at once, and clears what the body lacks', async () => {
    const { call } = await startWithRepository(FULL);
    await call('PUT', 'emulator/v1/clock', { advance: '60s' });
    const mask = 'updateMask=cleanupPolicies,labels,cleanup_policy_dry_run';
    const { body } = await call('PATCH', `${ONE}?${mask}`, {
      description: 'not in the mask',
      cleanupPolicies: { old: { action: 'DELETE', condition: { olderThan: '86400s' } } },
    });
    expect(body).toMatchObject({
      name: REPOSITORY,
      description: FULL.description,
      updateTime: '2026-03-01T12:01:00.000Z',
      cleanupPolicies: { old: { id: 'old', condition: { olderThan: '86400s' } } },
    });
    for (const field of ['labels', 'cleanupPolicyDryRun', 'cleanupPolicies.newest']) {
      expect(body).not.toHaveProperty(field);
    }
    expect((await call('GET', ONE)).body).toEqual(body);
  });

  test.each([
    ['format', { format: 'DOCKER' }],
    ['owner', {}],
    ['cleanupPolicies', { cleanupPolicies: { empty: {} } }],
  ])('of %s to %j changes nothing', async (mask, body) => {
    const { call } = await startWithRepository(FULL);
    const before = await call('GET', ONE);
    expect(await call('PATCH', `${ONE}?updateMask=${mask}`, body)).toMatchObject(INVALID);
    expect((await call('GET', ONE)).body).toEqual(before.body);
  });
});

test('a deleted repository takes its images with it, those of others stay', async () => {
  const { call, registry } = await startWithRepository();
  const child = registry.push('ci-images/images/debian-12', 'child');
  registry.pushIndex('ci-images/images/debian-12', [child], 'latest');
  const other = registry.push('ci-images/images-2/debian-12', 'other', 'latest');
  expect((await call('DELETE', ONE)).body).toMatchObject({
    done: true,
    response: { '@type': 'type.googleapis.com/google.protobuf.Empty' },
  });
  expect(registry.held()).toEqual([`ci-images/images-2/debian-12@${other}`]);
  expect(await call('GET', ONE)).toMatchObject(MISSING);
});

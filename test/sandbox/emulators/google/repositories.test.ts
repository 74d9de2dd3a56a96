import { describe, expect, test } from 'vitest';
import { COLLECTION, FULL } from './some-repository.ts';
import { createRepository, PARENT, refusal, REPOSITORY, startApi } from './started-api.ts';

describe('patch', () => {
  test('changes what is in the mask only, at once, and clears what the body lacks', async () => {
    const api = await startApi();
    await createRepository(api, FULL);
    await api.call('PUT', 'emulator/v1/clock', { advance: '60s' });
    const { status, body } = await api.call(
      'PATCH',
      `v1/${REPOSITORY}?updateMask=cleanupPolicies,labels,cleanup_policy_dry_run`,
      {
        description: 'not in the mask',
        cleanupPolicies: {
          old: { action: 'DELETE', condition: { olderThan: '86400.50s' } },
        },
      },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: REPOSITORY,
      description: FULL.description,
      updateTime: '2026-03-01T12:01:00.000Z',
      cleanupPolicies: { old: { id: 'old', condition: { olderThan: '86400.500s' } } },
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
      const answer = await api.call('PATCH', `v1/${REPOSITORY}?updateMask=${mask}`, body);
      expect(answer).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
    }
    expect((await api.call('GET', `v1/${REPOSITORY}`)).body).toEqual(before.body);
  });
});

describe('delete', () => {
  test('answers an operation and takes the images with it, those of others stay', async () => {
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
    expect(await api.call('GET', `v1/${REPOSITORY}`)).toMatchObject(refusal(404, 'NOT_FOUND'));
    expect(await api.call('DELETE', `v1/${REPOSITORY}`)).toMatchObject(refusal(404, 'NOT_FOUND'));
  });
});

test('a listing has pages, each token leading to the next', async () => {
  const { call } = await startApi();
  for (const id of ['a', 'b', 'c']) {
    await call('POST', `${COLLECTION}?repository_id=${id}`, { format: 'DOCKER' });
  }
  const names: string[] = [];
  let token = '';
  do {
    const { body } = await call('GET', `${COLLECTION}?pageSize=2&pageToken=${token}`);
    const page = body as { repositories: { name: string }[]; nextPageToken?: string };
    names.push(...page.repositories.map(({ name }) => name.split('/').at(-1) ?? ''));
    token = page.nextPageToken ?? '';
  } while (token !== '');
  expect(names).toEqual(['a', 'b', 'c']);
  const whole = await call('GET', `${COLLECTION}?pageSize=3`);
  expect(whole.body).not.toHaveProperty('nextPageToken');
  for (const query of ['pageSize=-1', 'pageToken=x']) {
    expect(await call('GET', `${COLLECTION}?${query}`)).toMatchObject(
      refusal(400, 'INVALID_ARGUMENT'),
    );
  }
});

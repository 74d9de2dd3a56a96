import { describe, expect, test } from 'vitest';
import {
  createRepository,
  apiError,
  REPOSITORY,
  startApi,
  type StartedApi,
} from './started-api.ts';

const READER = 'roles/artifactregistry.reader';
const ACCOUNT = 'projects/ci-images/serviceAccounts/runner@ci-images.iam.gserviceaccount.com';

interface Policy {
  readonly etag: string;
  readonly bindings?: readonly object[];
}

/** Everything that has a policy: its name, and how it is asked for it. */
const RESOURCES: readonly [string, string, string][] = [
  ['a repository', REPOSITORY, 'GET'],
  ['a project', 'projects/ci-images', 'POST'],
  ['a service account', ACCOUNT, 'POST'],
];

async function startWithAll(): Promise<StartedApi> {
  const api = await startApi();
  await createRepository(api);
  await api.call('POST', 'v1/projects/ci-images/serviceAccounts', { accountId: 'runner' });
  return api;
}

describe.each(RESOURCES)('the policy of %s', (_, name, method) => {
  const get = async ({ call }: StartedApi) => {
    const query = method === 'GET' ? '?options.requestedPolicyVersion=3&alt=json' : '';
    const body = method === 'GET' ? undefined : { options: { requestedPolicyVersion: 3 } };
    return (await call(method, `v1/${name}:getIamPolicy${query}`, body)).body as Policy;
  };
  const set = ({ call }: StartedApi, policy: object) =>
    call('POST', `v1/${name}:setIamPolicy`, { policy });

  test('is empty at first, then what was set, bindings merged and members sorted', async () => {
    const api = await startWithAll();
    const empty = await get(api);
    expect(empty).toEqual({ etag: 'ACAB' });
    const bindings = [
      { role: READER, members: ['user:b@example.com'] },
      { role: READER, members: ['allUsers', 'user:b@example.com'] },
      { role: 'roles/empty', members: [] },
    ];
    const { status, body } = await set(api, { ...empty, bindings });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: 1,
      bindings: [{ role: READER, members: ['allUsers', 'user:b@example.com'] }],
    });
    expect(await get(api)).toEqual(body);
    await api.restart();
    expect(await get(api)).toEqual(body);
  });

  test('that somebody changed meanwhile is not overwritten', async () => {
    const api = await startWithAll();
    const before = await get(api);
    await set(api, { ...before, bindings: [{ role: READER, members: ['allUsers'] }] });
    const changed = await get(api);
    expect(changed.etag).not.toBe(before.etag);
    const late = await set(api, { ...before, bindings: [] });
    expect(late).toMatchObject(
      apiError(409, 'ABORTED', expect.stringContaining('concurrent policy changes')),
    );
    expect(await get(api)).toEqual(changed);
    // Without an etag, nobody is asked.
    expect(await set(api, { bindings: [] })).toMatchObject({ status: 200 });
  });

  const BAD: readonly [string, object][] = [
    ['a role without its prefix', { bindings: [{ role: 'reader', members: ['allUsers'] }] }],
    ['a member without a type', { bindings: [{ role: READER, members: ['b@example.com'] }] }],
    ['an unknown field', { bindings: [{ role: READER, member: 'allUsers' }] }],
    [
      'a condition without version 3',
      { bindings: [{ role: READER, members: ['allUsers'], condition: { expression: 'true' } }] },
    ],
  ];

  test.each(BAD)('with %s is refused', async (__, policy) => {
    const api = await startWithAll();
    expect(await set(api, policy)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect(await get(api)).toEqual({ etag: 'ACAB' });
  });
});

test('nobody has a policy of what is not there', async () => {
  const { call } = await startApi();
  for (const [method, name] of [
    ['GET', REPOSITORY],
    ['POST', ACCOUNT],
  ] as const) {
    const answer = await call(method, `v1/${name}:getIamPolicy`);
    expect(answer).toMatchObject(apiError(404, 'NOT_FOUND'));
  }
});

test('a policy goes with its repository', async () => {
  const api = await startWithAll();
  const policy = { bindings: [{ role: READER, members: ['allUsers'] }] };
  await api.call('POST', `v1/${REPOSITORY}:setIamPolicy`, { policy });
  await api.call('DELETE', `v1/${REPOSITORY}`);
  await createRepository(api);
  const { body } = await api.call('GET', `v1/${REPOSITORY}:getIamPolicy`);
  expect(body).toEqual({ etag: 'ACAB' });
});

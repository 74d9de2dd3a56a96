import { describe, expect, test } from 'vitest';
import {
  apiError,
  createRepository,
  INVALID,
  MISSING,
  REPOSITORY,
  startWithRepository,
  type StartedApi,
} from './started-api.ts';

const READER = 'roles/artifactregistry.reader';
const ACCOUNT = 'projects/ci-images/serviceAccounts/runner@ci-images.iam.gserviceaccount.com';
const PUBLIC = { role: READER, members: ['allUsers'] };
const UNSET = { etag: 'ACAB' };

const setPolicy = ({ call }: StartedApi, name: string, policy: object) =>
  call('POST', `v1/${name}:setIamPolicy`, { policy });

describe.each([
  ['a repository', REPOSITORY, 'GET'],
  ['a project', 'projects/ci-images', 'POST'],
  ['a service account', ACCOUNT, 'POST'],
])('the policy of %s', (_, name, method) => {
  async function start() {
    const api = await startWithRepository();
    await api.call('POST', 'v1/projects/ci-images/serviceAccounts', { accountId: 'runner' });
    const [query, body] =
      method === 'GET'
        ? ['?options.requestedPolicyVersion=3&alt=json']
        : ['', { options: { requestedPolicyVersion: 3 } }];
    const get = async () => (await api.call(method, `v1/${name}:getIamPolicy${query}`, body)).body;
    return { ...api, get, set: (policy: object) => setPolicy(api, name, policy) };
  }

  test('is empty at first, then what was set, bindings merged and members sorted', async () => {
    const { get, set, restart } = await start();
    expect(await get()).toEqual(UNSET);
    const bindings = [
      { role: READER, members: ['user:b@example.com'] },
      { role: READER, members: ['allUsers', 'user:b@example.com'] },
      { role: 'roles/empty', members: [] },
    ];
    const { body } = await set({ ...UNSET, bindings });
    expect(body).toMatchObject({
      version: 1,
      bindings: [{ role: READER, members: ['allUsers', 'user:b@example.com'] }],
    });
    await restart();
    expect(await get()).toEqual(body);
  });

  test('that somebody changed meanwhile is not overwritten', async () => {
    const { get, set } = await start();
    const { body: changed } = await set({ ...UNSET, bindings: [PUBLIC] });
    expect(changed).not.toMatchObject(UNSET);
    expect(await set({ ...UNSET, bindings: [] })).toMatchObject(
      apiError(409, 'ABORTED', expect.stringContaining('concurrent policy changes')),
    );
    expect(await get()).toEqual(changed);
    expect(await set({ bindings: [] })).toMatchObject({ status: 200 });
  });

  test.each([
    ['a role without its prefix', { role: 'reader' }],
    ['a member without a type', { members: ['b@example.com'] }],
    ['an unknown field', { member: 'allUsers' }],
    ['a condition without version 3', { condition: { expression: 'true' } }],
  ])('with %s is rejected', async (__, change) => {
    const { get, set } = await start();
    expect(await set({ bindings: [{ ...PUBLIC, ...change }] })).toMatchObject(INVALID);
    expect(await get()).toEqual(UNSET);
  });
});

test('a policy goes with its repository', async () => {
  const api = await startWithRepository();
  await setPolicy(api, REPOSITORY, { bindings: [PUBLIC] });
  await api.call('DELETE', `v1/${REPOSITORY}`);
  const path = `v1/${REPOSITORY}:getIamPolicy`;
  expect(await api.call('GET', path)).toMatchObject(MISSING);
  await createRepository(api);
  expect((await api.call('GET', path)).body).toEqual(UNSET);
});

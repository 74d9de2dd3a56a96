import { describe, expect, test } from 'vitest';
import {
  apiError,
  createRepository,
  REPOSITORY,
  startApi,
  type StartedApi,
} from './started-api.ts';

const READER = 'roles/artifactregistry.reader';
const ACCOUNT = 'projects/ci-images/serviceAccounts/runner@ci-images.iam.gserviceaccount.com';
const PUBLIC = { role: READER, members: ['allUsers'] };
const UNSET = { etag: 'ACAB' };

async function startWithAll(): Promise<StartedApi> {
  const api = await startApi();
  await createRepository(api);
  await api.call('POST', 'v1/projects/ci-images/serviceAccounts', { accountId: 'runner' });
  return api;
}

describe.each([
  ['a repository', REPOSITORY, 'GET'],
  ['a project', 'projects/ci-images', 'POST'],
  ['a service account', ACCOUNT, 'POST'],
])('the policy of %s', (_, name, method) => {
  const get = async ({ call }: StartedApi) => {
    const query = method === 'GET' ? '?options.requestedPolicyVersion=3&alt=json' : '';
    const body = method === 'GET' ? undefined : { options: { requestedPolicyVersion: 3 } };
    return (await call(method, `v1/${name}:getIamPolicy${query}`, body)).body as { etag: string };
  };
  const set = ({ call }: StartedApi, policy: object) =>
    call('POST', `v1/${name}:setIamPolicy`, { policy });

  test('is empty at first, then what was set, bindings merged and members sorted', async () => {
    const api = await startWithAll();
    expect(await get(api)).toEqual(UNSET);
    const bindings = [
      { role: READER, members: ['user:b@example.com'] },
      { role: READER, members: ['allUsers', 'user:b@example.com'] },
      { role: 'roles/empty', members: [] },
    ];
    const { status, body } = await set(api, { ...UNSET, bindings });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: 1,
      bindings: [{ role: READER, members: ['allUsers', 'user:b@example.com'] }],
    });
    await api.restart();
    expect(await get(api)).toEqual(body);
  });

  test('that somebody changed meanwhile is not overwritten', async () => {
    const api = await startWithAll();
    await set(api, { ...UNSET, bindings: [PUBLIC] });
    const changed = await get(api);
    expect(changed.etag).not.toBe(UNSET.etag);
    const late = await set(api, { ...UNSET, bindings: [] });
    expect(late).toMatchObject(
      apiError(409, 'ABORTED', expect.stringContaining('concurrent policy changes')),
    );
    expect(await get(api)).toEqual(changed);
    expect(await set(api, { bindings: [] })).toMatchObject({ status: 200 });
  });

  test.each([
    ['a role without its prefix', { ...PUBLIC, role: 'reader' }],
    ['a member without a type', { ...PUBLIC, members: ['b@example.com'] }],
    ['an unknown field', { ...PUBLIC, member: 'allUsers' }],
    ['a condition without version 3', { ...PUBLIC, condition: { expression: 'true' } }],
  ])('with %s is rejected', async (__, binding) => {
    const api = await startWithAll();
    const invalid = apiError(400, 'INVALID_ARGUMENT');
    expect(await set(api, { bindings: [binding] })).toMatchObject(invalid);
    expect(await get(api)).toEqual(UNSET);
  });
});

test('a policy goes with its repository', async () => {
  const api = await startWithAll();
  await api.call('POST', `v1/${REPOSITORY}:setIamPolicy`, { policy: { bindings: [PUBLIC] } });
  await api.call('DELETE', `v1/${REPOSITORY}`);
  const path = `v1/${REPOSITORY}:getIamPolicy`;
  expect(await api.call('GET', path)).toMatchObject(apiError(404, 'NOT_FOUND'));
  await createRepository(api);
  expect((await api.call('GET', path)).body).toEqual(UNSET);
});

import { describe, expect, test } from 'vitest';
import {
  apiError,
  createRepository,
  INVALID,
  MISSING,
  REPOSITORY,
  startWithRepository,
} from './started-api.ts';

const READER = 'roles/artifactregistry.reader';
const ACCOUNT = 'projects/ci-images/serviceAccounts/runner@ci-images.iam.gserviceaccount.com';
const PUBLIC = { role: READER, members: ['allUsers'] };
const UNSET = { etag: 'ACAB' };

/** An emulator with all of them, and how to get and set the policy of one. */
async function start(name: string) {
  const api = await startWithRepository();
  const { call } = api;
  await call('POST', 'v1/projects/ci-images/serviceAccounts', { accountId: 'runner' });
  // Artifact Registry has a GET with a parameter, the others a POST with a body.
  const [method, query, body] = name.includes('/repositories/')
    ? (['GET', '?options.requestedPolicyVersion=3'] as const)
    : (['POST', '', { options: { requestedPolicyVersion: 3 } }] as const);
  const get = () => call(method, `v1/${name}:getIamPolicy${query}`, body);
  const set = (policy: object) => call('POST', `v1/${name}:setIamPolicy`, { policy });
  return { ...api, get: async () => (await get()).body, set };
}

describe.each([REPOSITORY, 'projects/ci-images', ACCOUNT])('the policy of %s', (name) => {
  test('is empty at first, then what was set, bindings merged and members sorted', async () => {
    const { get, set, restart } = await start(name);
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
    const { get, set } = await start(name);
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
  ])('with %s is rejected', async (_, change) => {
    const { get, set } = await start(name);
    expect(await set({ bindings: [{ ...PUBLIC, ...change }] })).toMatchObject(INVALID);
    expect(await get()).toEqual(UNSET);
  });
});

test('a policy goes with its repository', async () => {
  const api = await start(REPOSITORY);
  await api.set({ bindings: [PUBLIC] });
  await api.call('DELETE', `v1/${REPOSITORY}`);
  expect(await api.set({})).toMatchObject(MISSING);
  await createRepository(api);
  expect(await api.get()).toEqual(UNSET);
});

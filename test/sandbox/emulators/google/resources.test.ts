import { describe, expect, test } from 'vitest';
import { apiError, INVALID, MISSING, NOON, PARENT, startApi } from './started-api.ts';

const PROJECT = 'projects/ci-images';
const POOLS = `${PROJECT}/locations/global/workloadIdentityPools`;
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';
const ROLE = { title: 'Trigger runner', stage: 'GA', includedPermissions: ['a.b.c'] };
const PROVIDER = {
  attributeMapping: { 'google.subject': 'assertion.sub' },
  attributeCondition: 'assertion.ref_protected == "true"',
  oidc: { issuerUri: 'https://gitlab.example.com/' },
};

interface Case {
  readonly collection: string;
  readonly id: string;
  /** The query and the body of a creation. */
  readonly query?: string;
  readonly body: object;
  /** Fields of the new resource. */
  readonly shown: object;
  /** A patch of the description, where its body is not the message alone. */
  readonly patch?: object;
  /** Fields of a resource that is deleted, and stays. */
  readonly deleted?: object;
  /** Bodies of a creation that are rejected. */
  readonly bad: readonly object[];
  readonly badIds: readonly string[];
}

/** The kinds, by the field of a listing. Repositories and jobs have tests of their own besides. */
const CASES: Readonly<Record<string, Case>> = {
  repositories: {
    collection: `${PARENT}/repositories`,
    id: 'images',
    query: '?repositoryId={id}',
    body: { format: 'DOCKER' },
    shown: { name: `${PARENT}/repositories/images`, mode: 'STANDARD_REPOSITORY', createTime: NOON },
    bad: [{}, { format: 'DOCKER', description: 'x'.repeat(1025) }],
    badIds: ['', 'Images', 'images-', 'x'.repeat(64)],
  },
  jobs: {
    collection: `${PARENT}/jobs`,
    id: 'refresh',
    body: {
      name: `${PARENT}/jobs/{id}`,
      schedule: '* * * * *',
      httpTarget: { uri: 'https://example.com' },
    },
    shown: { state: 'ENABLED', userUpdateTime: NOON },
    bad: [],
    badIds: ['', 'refresh.x', 'x'.repeat(501)],
  },
  accounts: {
    collection: `${PROJECT}/serviceAccounts`,
    id: EMAIL,
    body: { accountId: '{id}', serviceAccount: { displayName: 'Runner' } },
    shown: {
      name: `${PROJECT}/serviceAccounts/${EMAIL}`,
      projectId: 'ci-images',
      email: EMAIL,
      uniqueId: expect.stringMatching(/^1\d{20}$/) as unknown,
      displayName: 'Runner',
    },
    patch: {
      serviceAccount: { description: 'Other', displayName: 'x' },
      updateMask: 'description',
    },
    bad: [
      { accountId: 'runner', displayName: 'Runner' },
      { accountId: 'runner', serviceAccount: { displayName: 'x'.repeat(101) } },
    ],
    badIds: ['', 'short', 'x'.repeat(31), 'Runner', '1runner', 'runner-'],
  },
  roles: {
    collection: `${PROJECT}/roles`,
    id: 'triggerRunner',
    body: { roleId: '{id}', role: ROLE },
    shown: { name: `${PROJECT}/roles/triggerRunner`, ...ROLE },
    deleted: { deleted: true },
    bad: [{ roleId: 'runner', role: { ...ROLE, includedPermissions: ['builds'] } }],
    badIds: ['', 'trigger-runner', 'ab'],
  },
  workloadIdentityPools: {
    collection: POOLS,
    id: 'ci-runners',
    query: '?workloadIdentityPoolId={id}',
    body: { displayName: 'CI' },
    shown: {
      name: expect.stringMatching(/^projects\/\d+\/locations\/global\/.*\/ci-runners$/) as unknown,
      displayName: 'CI',
      state: 'ACTIVE',
    },
    deleted: { state: 'DELETED' },
    bad: [{ displayName: 'x'.repeat(33) }],
    badIds: ['', 'gcp-runners', 'CI-runners', 'abc', 'x'.repeat(33)],
  },
  workloadIdentityPoolProviders: {
    collection: `${POOLS}/there/providers`,
    id: 'gitlab',
    query: '?workloadIdentityPoolProviderId={id}',
    body: PROVIDER,
    shown: { ...PROVIDER, state: 'ACTIVE' },
    deleted: { state: 'DELETED' },
    bad: [
      { oidc: undefined },
      { oidc: { issuerUri: 'http://x.example' } },
      { attributeMapping: {} },
    ].map((change) => ({ ...PROVIDER, ...change })),
    badIds: [],
  },
  triggers: {
    collection: `${PARENT}/triggers`,
    id: 'refresh',
    body: { name: '{id}' },
    shown: { name: 'refresh', createTime: NOON },
    bad: [{ name: 'refresh', title: 'x' }],
    badIds: ['', '-refresh', 'a b', 'x'.repeat(65)],
  },
};

/** `value` with the id in place of `{id}`. */
function withId<T>(value: T, id: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('{id}', id.split('@')[0] ?? '')) as T;
}

const CONFLICT = apiError(409, 'ALREADY_EXISTS');
const PRECONDITION = apiError(400, 'FAILED_PRECONDITION');

describe.each(Object.entries(CASES))('%s', (field, { collection, id, query = '', ...kind }) => {
  const all = `v1/${collection}`;
  const one = `${all}/${id}`;

  async function start() {
    const api = await startApi();
    const { call } = api;
    if (collection.includes('/there/')) {
      await call('POST', `v1/${POOLS}?workloadIdentityPoolId=there`, {});
    }
    const create = (name = id, body = withId(kind.body, name)) =>
      call('POST', withId(`${all}${query}`, name), body);
    const read = async (path = one) => (await call('GET', path)).body;
    return { ...api, create, read };
  }

  test('are created, read, listed and patched', async () => {
    const { call, create, read, restart } = await start();
    expect(await create()).toMatchObject({ status: 200 });
    expect(await create()).toMatchObject(CONFLICT);
    await restart();
    const created = (await read()) as { etag?: string };
    expect(created).toMatchObject(kind.shown);
    expect(await read(all)).toEqual({ [field]: [created] });
    const patch = kind.patch ?? { description: 'Other' };
    expect((await call('PATCH', `${one}?updateMask=description`, patch)).status).toBe(200);
    const { etag, ...fields } = created;
    const patched = await read();
    expect(patched).toMatchObject({ ...fields, description: 'Other' });
    if (etag !== undefined) expect(patched).not.toHaveProperty('etag', etag);
  });

  test('are deleted', async () => {
    const { call, create, read, restart } = await start();
    await create();
    expect((await call('DELETE', one)).status).toBe(200);
    await restart();
    expect(await read(all)).toEqual({});
    if (kind.deleted === undefined) {
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        expect(await call(method, one)).toMatchObject(MISSING);
      }
    } else {
      expect(await read()).toMatchObject(kind.deleted);
      expect(await create()).toMatchObject(CONFLICT);
      expect(await call('PATCH', one, {})).toMatchObject(PRECONDITION);
      expect((await call('POST', `${one}:undelete`, {})).status).toBe(200);
      expect(await read()).toMatchObject(kind.shown);
      expect(await call('POST', `${one}:undelete`, {})).toMatchObject(PRECONDITION);
    }
  });

  test('are not created with an id or a body that Google does not accept', async () => {
    const { create, read } = await start();
    for (const bad of kind.badIds) expect(await create(bad)).toMatchObject(INVALID);
    for (const bad of kind.bad) expect(await create(id, bad)).toMatchObject(INVALID);
    expect(await read(all)).toEqual({});
  });
});

test('a listing has pages, each token leading to the next', async () => {
  const { call } = await startApi();
  const triggers = `v1/${PARENT}/triggers`;
  for (const name of ['a', 'b', 'c']) await call('POST', triggers, { name });
  const page = async (query: string) => {
    const { body } = await call('GET', `${triggers}?${query}`);
    const { triggers: found, nextPageToken } = body as {
      triggers: { name: string }[];
      nextPageToken?: string;
    };
    return { names: found.map(({ name }) => name), nextPageToken };
  };
  const { names, nextPageToken = '' } = await page('pageSize=2');
  expect(names).toEqual(['a', 'b']);
  expect(await page(`pageSize=2&pageToken=${nextPageToken}`)).toEqual({ names: ['c'] });
  expect(await page('pageSize=3')).toEqual({ names: ['a', 'b', 'c'] });
  for (const query of ['pageSize=-1', 'pageToken=x']) {
    expect(await call('GET', `${triggers}?${query}`)).toMatchObject(INVALID);
  }
});

test('a provider belongs to a pool, and an operation shows how each was created', async () => {
  const { call } = await startApi();
  const pool = `v1/${POOLS}?workloadIdentityPoolId=there`;
  const provider = `v1/${POOLS}/there/providers?workloadIdentityPoolProviderId=gitlab`;
  expect(await call('POST', provider, PROVIDER)).toMatchObject(MISSING);
  for (const [path, message] of [
    [pool, {}],
    [provider, PROVIDER],
  ] as const) {
    const { body } = await call('POST', path, message);
    expect(body).toMatchObject({ done: true, response: { state: 'ACTIVE' } });
    expect((await call('GET', `v1/${(body as { name: string }).name}`)).body).toEqual(body);
  }
  expect(await call('GET', `v1/${PARENT}/operations/none`)).toMatchObject(MISSING);
  expect((await call('GET', `v1/${POOLS}/there:listAttestationRules`)).body).toEqual({});
});

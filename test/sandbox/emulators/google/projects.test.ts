import { describe, expect, test } from 'vitest';
import { refusal, startApi } from './started-api.ts';

const SERVICES = 'v1/projects/ci-images/services';
const SCHEDULER = 'cloudscheduler.googleapis.com';
const POOLS = 'v1/projects/ci-images/locations/global/workloadIdentityPools';

test('a project has a number, and an id of the right form', async () => {
  const { call } = await startApi();
  expect(await call('GET', 'v1/projects/ci-images')).toMatchObject({
    status: 200,
    body: {
      projectId: 'ci-images',
      projectNumber: expect.stringMatching(/^\d{12}$/) as unknown,
      lifecycleState: 'ACTIVE',
    },
  });
  for (const id of ['short', 'CI-images', '1-images', 'ci-images-']) {
    const answer = await call('GET', `v1/projects/${id}`);
    expect(answer).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
  }
});

describe('services', () => {
  test('are switched on and off by finished operations', async () => {
    const { call } = await startApi();
    const one = `${SERVICES}/${SCHEDULER}`;
    expect((await call('GET', one)).body).toMatchObject({ state: 'DISABLED' });
    const enabled = await call('POST', `${one}:enable`, {});
    expect(enabled).toMatchObject({
      status: 200,
      body: {
        done: true,
        response: { service: { state: 'ENABLED', config: { name: SCHEDULER } } },
      },
    });
    const { name } = enabled.body as { name: string };
    expect((await call('GET', `v1/${name}`)).body).toEqual(enabled.body);
    const list = `${SERVICES}?filter=state:ENABLED&fields=services/name,nextPageToken`;
    expect((await call('GET', list)).body).toMatchObject({
      services: [{ name: expect.stringMatching(/^projects\/\d+\/services\/cloudsch/) as unknown }],
    });
    const off = { disableDependentServices: false, checkIfServiceHasUsage: 'SKIP' };
    expect((await call('POST', `${one}:disable`, off)).body).toMatchObject({ done: true });
    expect((await call('GET', list)).body).toEqual({});
    expect(await call('POST', `${one}:disable`, off)).toMatchObject(
      refusal(400, 'FAILED_PRECONDITION'),
    );
  });

  test('are switched on 20 at a time, all or none', async () => {
    const { call } = await startApi();
    const enable = (serviceIds: string[]) =>
      call('POST', `${SERVICES}:batchEnable`, { serviceIds });
    const many = Array.from({ length: 21 }, (_, at) => `service-${at}.googleapis.com`);
    for (const [ids, code, status] of [
      [[], 400, 'INVALID_ARGUMENT'],
      [many, 400, 'INVALID_ARGUMENT'],
      [[SCHEDULER, 'nothing'], 403, 'PERMISSION_DENIED'],
    ] as const) {
      expect(await enable([...ids])).toMatchObject(refusal(code, status));
    }
    expect((await call('GET', SERVICES)).body).toEqual({});
    expect(await enable(many.slice(1))).toMatchObject({ status: 200, body: { done: true } });
    const { body } = await call('GET', `${SERVICES}?pageSize=200`);
    expect((body as { services: object[] }).services).toHaveLength(20);
    const wrong = await call('GET', `${SERVICES}?filter=name:x`);
    expect(wrong).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
  });
});

describe('workload identity', () => {
  const provider = {
    displayName: 'GitLab',
    attributeMapping: { 'google.subject': 'assertion.sub' },
    attributeCondition: 'assertion.ref_protected == "true"',
    oidc: { issuerUri: 'https://gitlab.example.com/' },
  };

  test('pools and providers are created, read, changed and deleted softly', async () => {
    const { call } = await startApi();
    const created = await call('POST', `${POOLS}?workloadIdentityPoolId=ci-runners`, {
      displayName: 'CI',
    });
    const pool = `${POOLS}/ci-runners`;
    expect(created).toMatchObject({ status: 200, body: { done: true } });
    expect((await call('GET', pool)).body).toMatchObject({
      name: expect.stringMatching(
        /^projects\/\d+\/locations\/global\/workload.*\/ci-runners$/,
      ) as unknown,
      displayName: 'CI',
      state: 'ACTIVE',
    });
    expect((await call('GET', `${pool}:listAttestationRules`)).body).toEqual({});
    const path = `${pool}/providers?workloadIdentityPoolProviderId=gitlab`;
    expect(await call('POST', path, provider)).toMatchObject({ body: { done: true } });
    expect((await call('GET', `${pool}/providers/gitlab`)).body).toMatchObject(provider);
    for (const one of [pool, `${pool}/providers/gitlab`]) {
      const patch = await call('PATCH', `${one}?updateMask=displayName`, { displayName: 'Other' });
      const { name } = patch.body as { name: string };
      expect((await call('GET', `v1/${name}`)).body).toEqual(patch.body);
      expect((await call('GET', one)).body).toMatchObject({ displayName: 'Other' });
      expect((await call('DELETE', one)).body).toMatchObject({ done: true });
      expect((await call('GET', one)).body).toMatchObject({ state: 'DELETED' });
    }
    expect((await call('GET', POOLS)).body).toEqual({});
    // The id stays taken.
    expect(await call('POST', `${POOLS}?workloadIdentityPoolId=ci-runners`, {})).toMatchObject(
      refusal(409, 'ALREADY_EXISTS'),
    );
    expect((await call('POST', `${pool}:undelete`, {})).body).toMatchObject({
      response: { state: 'ACTIVE' },
    });
  });

  test('of a bad form is refused', async () => {
    const { call } = await startApi();
    const invalid = refusal(400, 'INVALID_ARGUMENT');
    for (const id of ['', 'gcp-runners', 'CI-runners', 'abc', 'x'.repeat(33)]) {
      const answer = await call('POST', `${POOLS}?workloadIdentityPoolId=${id}`, {});
      expect(answer).toMatchObject(invalid);
    }
    const long = await call('POST', `${POOLS}?workloadIdentityPoolId=ci-runners`, {
      displayName: 'x'.repeat(33),
    });
    expect(long).toMatchObject(invalid);
    const path = `${POOLS}/ci-runners/providers?workloadIdentityPoolProviderId=gitlab`;
    expect(await call('POST', path, provider)).toMatchObject(refusal(404, 'NOT_FOUND'));
    await call('POST', `${POOLS}?workloadIdentityPoolId=ci-runners`, {});
    for (const change of [
      { oidc: undefined },
      { aws: { accountId: '1' } },
      { oidc: { issuerUri: 'http://gitlab.example.com' } },
      { attributeMapping: {} },
      { attributeCondition: 'x'.repeat(4097) },
      { issuer: 'x' },
    ]) {
      expect(await call('POST', path, { ...provider, ...change })).toMatchObject(invalid);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

const POOLS = 'v1/projects/ci-images/locations/global/workloadIdentityPools';

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
      apiError(409, 'ALREADY_EXISTS'),
    );
    expect((await call('POST', `${pool}:undelete`, {})).body).toMatchObject({
      response: { state: 'ACTIVE' },
    });
  });

  test('of a bad form is refused', async () => {
    const { call } = await startApi();
    const invalid = apiError(400, 'INVALID_ARGUMENT');
    for (const id of ['', 'gcp-runners', 'CI-runners', 'abc', 'x'.repeat(33)]) {
      const answer = await call('POST', `${POOLS}?workloadIdentityPoolId=${id}`, {});
      expect(answer).toMatchObject(invalid);
    }
    const long = await call('POST', `${POOLS}?workloadIdentityPoolId=ci-runners`, {
      displayName: 'x'.repeat(33),
    });
    expect(long).toMatchObject(invalid);
    const path = `${POOLS}/ci-runners/providers?workloadIdentityPoolProviderId=gitlab`;
    expect(await call('POST', path, provider)).toMatchObject(apiError(404, 'NOT_FOUND'));
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

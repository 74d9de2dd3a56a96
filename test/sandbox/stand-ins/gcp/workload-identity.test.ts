import { describe, expect, test } from 'vitest';
import { scriptedGoogle } from './scripted-google.ts';

const PARENT = 'projects/ci-images/locations/global/workloadIdentityPools';
const POOL = `${PARENT}/pipelines`;
const PROVIDER = `${POOL}/providers/gitlab`;
const NUMBERED = 'projects/12/locations/global/workloadIdentityPools/pipelines';
const DONE = { name: 'operations/1', done: true };

const KINDS = [
  {
    type: 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
    id: POOL,
    create: `POST iam/v1/${PARENT}?workloadIdentityPoolId=pipelines`,
    news: { workloadIdentityPoolId: 'pipelines', displayName: 'Pipelines' },
    there: { name: NUMBERED, state: 'ACTIVE', displayName: 'Pipelines' },
    body: { displayName: 'Pipelines' },
    changed: { displayName: 'Others' },
    mask: 'displayName',
    replaced: 'workloadIdentityPoolId',
  },
  {
    type: 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
    id: PROVIDER,
    create: `POST iam/v1/${POOL}/providers?workloadIdentityPoolProviderId=gitlab`,
    news: {
      ...{ workloadIdentityPoolId: 'pipelines', workloadIdentityPoolProviderId: 'gitlab' },
      attributeMapping: { 'google.subject': 'assertion.sub' },
      attributeCondition: 'true',
      oidc: { issuerUri: 'https://gitlab.com/' },
    },
    there: {
      ...{ name: `${NUMBERED}/providers/gitlab`, state: 'ACTIVE', attributeCondition: 'true' },
      attributeMapping: { 'google.subject': 'assertion.sub' },
      oidc: { issuerUri: 'https://gitlab.com/' },
    },
    body: {
      attributeMapping: { 'google.subject': 'assertion.sub' },
      attributeCondition: 'true',
      oidc: { issuerUri: 'https://gitlab.com/' },
    },
    changed: { attributeCondition: 'false' },
    mask: 'attributeCondition',
    replaced: 'workloadIdentityPoolProviderId',
  },
] as const;

describe.each(KINDS)('$type', (kind) => {
  const { type, id, create, news, there, body, changed, mask, replaced } = kind;
  const read = `GET iam/v1/${id}`;

  test('is made by an operation, read back, and the same in the next run', async () => {
    const { resource, asked } = await scriptedGoogle({ [create]: DONE, [read]: there });
    const made = await resource(type).create(news);
    expect(made).toMatchObject({ id, outputs: { ...news, ...there, project: 'ci-images' } });
    expect(asked[0]?.body).toEqual(body);
    expect(await resource(type).diff(made.outputs, news)).toEqual({ changed: [], replaces: [] });
  });

  test('changes with a mask; another id replaces', async () => {
    const patch = `PATCH iam/v1/${id}?updateMask=${mask}`;
    const { resource, asked } = await scriptedGoogle({ [patch]: DONE, [read]: there });
    const outputs = { ...news, ...there, project: 'ci-images' };
    await resource(type).update(id, outputs, { ...news, ...changed });
    expect(asked.map(({ call, body: sent }) => [call, sent])).toEqual([
      [patch, changed],
      [read, undefined],
    ]);
    const other = await resource(type).diff(outputs, { ...news, [replaced]: 'another' });
    expect(other).toMatchObject({ replaces: [replaced] });
  });

  test('that was deleted elsewhere is gone, and Google does not take its id again', async () => {
    const deleted = { ...there, state: 'DELETED' };
    const { resource } = await scriptedGoogle({ [read]: deleted, [create]: { status: 409 } });
    expect(await resource(type).read(id)).toBeUndefined();
    await expect(resource(type).create(news)).rejects.toThrow('409');
  });

  test('that is gone already is deleted without a word', async () => {
    const { resource } = await scriptedGoogle({ [`DELETE iam/v1/${id}`]: { status: 404 } });
    await resource(type).delete(id, {});
  });

  test.each(['x', 'gcp-pipelines', 'Pipelines'])('refuses the id %s', async (wrong) => {
    const { resource } = await scriptedGoogle({});
    const { failures } = await resource(type).check({ ...news, [replaced]: wrong });
    expect(failures.map(({ property }) => property)).toEqual([replaced]);
  });
});

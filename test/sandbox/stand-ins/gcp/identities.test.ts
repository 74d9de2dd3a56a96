import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, UNKNOWN } from './scripted-google.ts';

const DONE = { name: 'operations/1', done: true };

describe('service accounts', () => {
  const TYPE = 'gcp:serviceaccount/account:Account';
  const EMAIL = 'scheduler@ci-images.iam.gserviceaccount.com';
  const ID = `projects/ci-images/serviceAccounts/${EMAIL}`;
  const CREATE = 'POST iam/v1/projects/ci-images/serviceAccounts';
  const NEWS = { accountId: 'scheduler', displayName: 'Scheduler', description: 'starts' };
  const THERE = {
    name: ID,
    projectId: 'ci-images',
    uniqueId: '1',
    email: EMAIL,
    displayName: 'Scheduler',
    description: 'starts',
  };
  const OUTPUTS: Properties = {
    ...NEWS,
    disabled: false,
    deletionPolicy: 'DELETE',
    project: 'ci-images',
    name: ID,
    email: EMAIL,
    member: `serviceAccount:${EMAIL}`,
    uniqueId: '1',
  };

  test('are made in one call, without a wait', async () => {
    const { resource, sent } = await scriptedGoogle({ [CREATE]: THERE });
    expect(await resource(TYPE).create(NEWS)).toEqual({ id: ID, outputs: OUTPUTS });
    const serviceAccount = { displayName: 'Scheduler', description: 'starts' };
    expect(sent.map(({ body }) => body)).toEqual([{ accountId: 'scheduler', serviceAccount }]);
    expect(await resource(TYPE).diff(OUTPUTS, NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test('have a name, an e-mail address and a member before they are made', async () => {
    const { resource } = await scriptedGoogle({});
    const { outputs } = await resource(TYPE).create(NEWS, true);
    expect(outputs).toEqual({ ...OUTPUTS, uniqueId: UNKNOWN });
  });

  test('change with a mask, and are enabled by a call of its own', async () => {
    const { resource, sent } = await scriptedGoogle({
      [`GET iam/v1/${ID}`]: THERE,
      [`PATCH iam/v1/${ID}`]: THERE,
      [`POST iam/v1/${ID}:enable`]: {},
    });
    const news = { accountId: 'scheduler', displayName: 'New' };
    await resource(TYPE).update(ID, { ...OUTPUTS, disabled: true }, news);
    const updateMask = 'displayName,description';
    expect(sent).toEqual([
      {
        call: `PATCH iam/v1/${ID}`,
        body: { serviceAccount: { displayName: 'New' }, updateMask },
      },
      { call: `POST iam/v1/${ID}:enable`, body: {} },
      { call: `GET iam/v1/${ID}`, body: undefined },
    ]);
  });

  test('that exist already are taken over only where the program says so', async () => {
    const script = { [CREATE]: { status: 409 }, [`GET iam/v1/${ID}`]: THERE };
    const { resource } = await scriptedGoogle(script);
    await expect(resource(TYPE).create(NEWS)).rejects.toThrow(`with the id ${ID} (infra/`);
    const taken = await resource(TYPE).create({ ...NEWS, createIgnoreAlreadyExists: true });
    expect(taken.outputs).toMatchObject(OUTPUTS);
  });
});

describe('custom roles', () => {
  const TYPE = 'gcp:projects/iAMCustomRole:IAMCustomRole';
  const ID = 'projects/ci-images/roles/starter';
  const GET = `GET iam/v1/${ID}`;
  const CREATE = 'POST iam/v1/projects/ci-images/roles';
  const NEWS = { roleId: 'starter', title: 'Starts', permissions: ['b.c.get', 'a.b.create'] };
  const THERE = {
    name: ID,
    title: 'Starts',
    stage: 'GA',
    includedPermissions: ['a.b.create', 'b.c.get'],
  };
  const ROLE = { title: 'Starts', stage: 'GA', includedPermissions: NEWS.permissions };
  const missing = { status: 404 };

  test('are made unless Google keeps them, and changed in place', async () => {
    const { resource, sent } = await scriptedGoogle({ [GET]: missing, [CREATE]: THERE });
    const { id, outputs } = await resource(TYPE).create(NEWS);
    expect(id).toBe(ID);
    expect(sent.slice(1)).toEqual([{ call: CREATE, body: { roleId: 'starter', role: ROLE } }]);
    expect(outputs).toMatchObject({ name: ID, deleted: false, roleId: 'starter' });
    const diff = (change: Properties) => resource(TYPE).diff(outputs, { ...NEWS, ...change });
    expect(await diff({})).toEqual({ changed: [], replaces: [] });
    const fewer = await diff({ permissions: ['a.b.create'] });
    expect(fewer).toEqual({ changed: ['permissions'], replaces: [] });
    expect(await diff({ roleId: 'other' })).toMatchObject({ replaces: ['roleId'] });
  });

  test('that were deleted are undeleted and set right', async () => {
    const mask = encodeURIComponent('title,description,includedPermissions,stage');
    const patch = `PATCH iam/v1/${ID}?updateMask=${mask}`;
    const undelete = `POST iam/v1/${ID}:undelete`;
    const script = { [GET]: [{ ...THERE, deleted: true }, THERE], [undelete]: THERE };
    const { resource, sent } = await scriptedGoogle({ ...script, [patch]: THERE });
    const { outputs } = await resource(TYPE).create({ ...NEWS, description: 'd' });
    expect(sent.slice(1, 3)).toEqual([
      { call: undelete, body: {} },
      { call: patch, body: { ...ROLE, description: 'd' } },
    ]);
    expect(outputs).toMatchObject({ deleted: false });
  });
});

describe('APIs of a project', () => {
  const TYPE = 'gcp:projects/service:Service';
  const NAME = 'artifactregistry.googleapis.com';
  const ID = `ci-images/${NAME}`;
  const AT = `serviceusage/v1/projects/ci-images/services/${NAME}`;
  const [get, enable] = [`GET ${AT}`, `POST ${AT}:enable`];
  const [on, off] = [{ state: 'ENABLED' }, { state: 'DISABLED' }];

  test.each([
    ['switched on where they are off', [off, on], [get, enable, get]],
    ['left as they are where they are on', [on], [get, get]],
  ])('are %s', async (_, states, expected) => {
    const { resource, calls } = await scriptedGoogle({ [get]: states, [enable]: DONE });
    const { id, outputs } = await resource(TYPE).create({ service: NAME });
    expect(id).toBe(ID);
    expect(outputs).toMatchObject({ project: 'ci-images', service: NAME });
    expect(calls()).toEqual(expected);
  });

  test('are gone for a refresh when they are off', async () => {
    const { resource } = await scriptedGoogle({ [get]: off });
    expect(await resource(TYPE).read(ID, { service: NAME }, { service: NAME })).toBeUndefined();
  });

  test('stay on after a destroy', async () => {
    const { resource, calls } = await scriptedGoogle({});
    await resource(TYPE).delete(ID, {});
    expect(calls()).toEqual([]);
    const news = { service: NAME, disableOnDestroy: true };
    expect(await resource(TYPE).problems(news)).toEqual(['disableOnDestroy']);
  });
});

const PARENT = 'projects/ci-images/locations/global/workloadIdentityPools';
const POOL = `${PARENT}/pipelines`;
const NUMBERED = 'projects/12/locations/global/workloadIdentityPools/pipelines';
const TRUST = {
  attributeMapping: { 'google.subject': 'assertion.sub' },
  attributeCondition: 'true',
  oidc: { issuerUri: 'https://gitlab.com/' },
};

const IDENTITIES = [
  {
    type: 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool',
    id: POOL,
    create: `POST iam/v1/${PARENT}?workloadIdentityPoolId=pipelines`,
    named: { workloadIdentityPoolId: 'pipelines' },
    body: { displayName: 'Pipelines' },
    name: NUMBERED,
    changed: { displayName: 'Others' },
    mask: 'displayName',
    replaced: 'workloadIdentityPoolId',
  },
  {
    type: 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider',
    id: `${POOL}/providers/gitlab`,
    create: `POST iam/v1/${POOL}/providers?workloadIdentityPoolProviderId=gitlab`,
    named: { workloadIdentityPoolId: 'pipelines', workloadIdentityPoolProviderId: 'gitlab' },
    body: TRUST,
    name: `${NUMBERED}/providers/gitlab`,
    changed: { attributeCondition: 'false' },
    mask: 'attributeCondition',
    replaced: 'workloadIdentityPoolProviderId',
  },
] as const;

describe.each(IDENTITIES)(
  '$type',
  ({ type, id, create, named, body, name, changed, mask, replaced }) => {
    const read = `GET iam/v1/${id}`;
    const news: Properties = { ...named, ...body };
    const there = { name, state: 'ACTIVE', ...body };
    const outputs: Properties = { ...news, ...there, project: 'ci-images' };

    test('is made by an operation, read back, and the same in the next run', async () => {
      const { resource, sent } = await scriptedGoogle({ [create]: DONE, [read]: there });
      const made = await resource(type).create(news);
      expect(made).toMatchObject({ id, outputs });
      expect(sent[0]?.body).toEqual(body);
      expect(await resource(type).diff(made.outputs, news)).toEqual({ changed: [], replaces: [] });
    });

    test('changes with a mask; another id replaces', async () => {
      const patch = `PATCH iam/v1/${id}?updateMask=${mask}`;
      const { resource, sent } = await scriptedGoogle({ [patch]: DONE, [read]: there });
      await resource(type).update(id, outputs, { ...news, ...changed });
      expect(sent).toEqual([
        { call: patch, body: changed },
        { call: read, body: undefined },
      ]);
      const other = await resource(type).diff(outputs, { ...news, [replaced]: 'another' });
      expect(other).toMatchObject({ replaces: [replaced] });
    });

    test('that others deleted is gone, and Google does not take its id again', async () => {
      const deleted = { ...there, state: 'DELETED' };
      const { resource } = await scriptedGoogle({ [read]: deleted, [create]: { status: 409 } });
      expect(await resource(type).read(id)).toBeUndefined();
      await expect(resource(type).create(news)).rejects.toThrow('409');
    });
  },
);

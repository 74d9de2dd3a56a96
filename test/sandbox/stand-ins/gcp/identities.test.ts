import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, UNKNOWN } from './scripted-google.ts';

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
    etag: 'e',
  };
  const OUTPUTS: Properties = {
    accountId: 'scheduler',
    displayName: 'Scheduler',
    description: 'starts',
    disabled: false,
    deletionPolicy: 'DELETE',
    project: 'ci-images',
    name: ID,
    email: EMAIL,
    member: `serviceAccount:${EMAIL}`,
    uniqueId: '1',
  };

  test('are made in one call, without a wait', async () => {
    const { resource, asked } = await scriptedGoogle({ [CREATE]: THERE });
    expect(await resource(TYPE).create(NEWS)).toEqual({ id: ID, outputs: OUTPUTS });
    const serviceAccount = { displayName: 'Scheduler', description: 'starts' };
    expect(asked.map(({ body }) => body)).toEqual([{ accountId: 'scheduler', serviceAccount }]);
    expect(await resource(TYPE).diff(OUTPUTS, NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test('have a name, an e-mail address and a member before they are made', async () => {
    const { resource } = await scriptedGoogle({});
    const { outputs } = await resource(TYPE).create(NEWS, true);
    expect(outputs).toEqual({ ...OUTPUTS, uniqueId: UNKNOWN });
  });

  test('change with a mask and the etag, and are disabled by a call of its own', async () => {
    const { resource, asked } = await scriptedGoogle({
      [`GET iam/v1/${ID}`]: THERE,
      [`PATCH iam/v1/${ID}`]: THERE,
      [`POST iam/v1/${ID}:disable`]: {},
    });
    const news = { accountId: 'scheduler', displayName: 'New', disabled: true };
    await resource(TYPE).update(ID, OUTPUTS, news);
    expect(asked.map(({ call, body }) => [call, body])).toEqual([
      [`GET iam/v1/${ID}`, undefined],
      [`POST iam/v1/${ID}:disable`, {}],
      [
        `PATCH iam/v1/${ID}`,
        {
          serviceAccount: { displayName: 'New', etag: 'e' },
          updateMask: 'description,display_name',
        },
      ],
      [`GET iam/v1/${ID}`, undefined],
    ]);
  });

  test('that are there already are taken only where the program says so', async () => {
    const answers = { [CREATE]: { status: 409 }, [`GET iam/v1/${ID}`]: THERE };
    const { resource } = await scriptedGoogle(answers);
    await expect(resource(TYPE).create(NEWS)).rejects.toThrow(`with the id ${ID} (README.md`);
    const taken = await resource(TYPE).create({ ...NEWS, createIgnoreAlreadyExists: true });
    expect(taken.outputs).toMatchObject(OUTPUTS);
  });

  test.each([ID, `ci-images/${EMAIL}`, EMAIL])('are imported by %s', async (id) => {
    const { resource } = await scriptedGoogle({ [`GET iam/v1/${ID}`]: THERE });
    expect(await resource(TYPE).read(id)).toMatchObject({ id: ID, outputs: OUTPUTS });
  });

  test('another accountId replaces; one that Google would refuse is refused before', async () => {
    const { resource } = await scriptedGoogle({});
    const other = { ...NEWS, accountId: 'another' };
    expect(await resource(TYPE).diff(OUTPUTS, other)).toMatchObject({ replaces: ['accountId'] });
    const { failures } = await resource(TYPE).check({ ...NEWS, accountId: 'Bad_Id' });
    expect(failures.map(({ property }) => property)).toEqual(['accountId']);
  });
});

describe('custom roles', () => {
  const TYPE = 'gcp:projects/iAMCustomRole:IAMCustomRole';
  const ID = 'projects/ci-images/roles/starter';
  const GET = `GET iam/v1/${ID}`;
  const CREATE = 'POST iam/v1/projects/ci-images/roles';
  const NEWS = { roleId: 'starter', title: 'Starts', permissions: ['b.c.get', 'a.b.create'] };
  const ROLE = {
    title: 'Starts',
    stage: 'GA',
    description: '',
    includedPermissions: NEWS.permissions,
  };
  const THERE = {
    name: ID,
    title: 'Starts',
    stage: 'GA',
    includedPermissions: ['a.b.create', 'b.c.get'],
  };
  const missing = { status: 404 };

  test('are looked for, then made', async () => {
    const { resource, asked } = await scriptedGoogle({ [GET]: missing, [CREATE]: THERE });
    const { id, outputs } = await resource(TYPE).create(NEWS);
    expect(id).toBe(ID);
    expect(asked[1]).toMatchObject({ call: CREATE, body: { roleId: 'starter', role: ROLE } });
    expect(outputs).toMatchObject({ name: ID, deleted: false, roleId: 'starter' });
    expect(await resource(TYPE).diff(outputs, NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test('that were deleted are undeleted and set right', async () => {
    const { resource, calls } = await scriptedGoogle({
      [GET]: { ...THERE, deleted: true },
      [`POST iam/v1/${ID}:undelete`]: THERE,
      [`PATCH iam/v1/${ID}`]: THERE,
    });
    await resource(TYPE).create(NEWS);
    expect(calls().slice(-2)).toEqual([`POST iam/v1/${ID}:undelete`, `PATCH iam/v1/${ID}`]);
  });

  test('that are there already must be imported', async () => {
    const { resource } = await scriptedGoogle({ [GET]: THERE });
    await expect(resource(TYPE).create(NEWS)).rejects.toThrow(`with the id ${ID} (README.md`);
  });

  test('change their permissions in place, their id never', async () => {
    const { resource } = await scriptedGoogle({ [GET]: missing, [CREATE]: THERE });
    const { outputs } = await resource(TYPE).create(NEWS);
    const more = { ...NEWS, permissions: ['a.b.create'] };
    expect(await resource(TYPE).diff(outputs, more)).toEqual({
      changed: ['permissions'],
      replaces: [],
    });
    const other = { ...NEWS, roleId: 'other' };
    expect(await resource(TYPE).diff(outputs, other)).toMatchObject({ replaces: ['roleId'] });
  });
});

describe('APIs of a project', () => {
  const TYPE = 'gcp:projects/service:Service';
  const NAME = 'artifactregistry.googleapis.com';
  const ID = `ci-images/${NAME}`;
  const PARENT = 'serviceusage/v1/projects/ci-images/services';
  const list = (token = '') => {
    const query = `filter=state%3AENABLED&pageSize=200${token && `&pageToken=${token}`}`;
    return `GET ${PARENT}?${query}`;
  };
  const on = (name: string) => ({ name: `projects/1/services/${name}`, state: 'ENABLED' });

  test('are switched on where they are off', async () => {
    const enable = `POST ${PARENT}/${NAME}:enable`;
    const { resource, calls } = await scriptedGoogle({
      [list()]: { services: [on('other.googleapis.com')] },
      [enable]: { name: 'operations/x', done: true },
    });
    expect(await resource(TYPE).create({ service: NAME })).toMatchObject({ id: ID });
    expect(calls()).toEqual([list(), enable]);
  });

  test('are left as they are where they are on, on whatever page of the list', async () => {
    const { resource, calls } = await scriptedGoogle({
      [list()]: { services: [], nextPageToken: 'two' },
      [list('two')]: { services: [on(NAME)] },
    });
    await resource(TYPE).create({ service: NAME });
    expect(calls()).toEqual([list(), list('two')]);
  });

  test('are gone for a refresh when they are off', async () => {
    const { resource } = await scriptedGoogle({ [list()]: {} });
    expect(await resource(TYPE).read(ID)).toBeUndefined();
  });

  test('stay on after a destroy, unless the program wants them off', async () => {
    const disable = `POST ${PARENT}/${NAME}:disable`;
    const { resource, asked } = await scriptedGoogle({
      [disable]: { name: 'operations/x', done: true },
    });
    await resource(TYPE).delete(ID, {});
    expect(asked).toEqual([]);
    await resource(TYPE).delete(ID, { disableOnDestroy: true });
    const body = { disableDependentServices: false, checkIfServiceHasUsage: 'SKIP' };
    expect(asked[0]).toMatchObject({ call: disable, body });
  });
});

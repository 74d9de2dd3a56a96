import { describe, expect, test } from 'vitest';
import { ACCOUNT, callsFor, DONE, google, made, ROLE } from './samples.ts';
import { scriptedGoogle, UNKNOWN } from './scripted-google.ts';

describe('service accounts', () => {
  const { id, create } = callsFor(ACCOUNT);
  const outputs = {
    ...ACCOUNT.news,
    deletionPolicy: 'DELETE',
    disabled: false,
    project: 'ci-images',
    name: id,
    email: ACCOUNT.name,
    member: `serviceAccount:${ACCOUNT.name}`,
  };

  test('are made in one call, without a wait', async () => {
    const account = await made(ACCOUNT);
    expect(account.calls()).toEqual([create]);
    expect(account.outputs).toEqual({ ...outputs, uniqueId: '1' });
  });

  test('have a name, an e-mail address and a member before they are made', async () => {
    const { resource } = await google(ACCOUNT);
    const preview = await resource(ACCOUNT.type).create(ACCOUNT.news, true);
    expect(preview.outputs).toEqual({ ...outputs, uniqueId: UNKNOWN });
  });

  test('that exist already are taken over where the program says so', async () => {
    const news = { ...ACCOUNT.news, createIgnoreAlreadyExists: true };
    const taken = await made({ ...ACCOUNT, news }, { [create]: { status: 409 } });
    expect(taken.outputs).toMatchObject(outputs);
  });
});

test('custom roles that were deleted are undeleted and set right', async () => {
  const { at, get } = callsFor(ROLE);
  const mask = encodeURIComponent('title,description,includedPermissions,stage');
  const patch = `PATCH ${at}?updateMask=${mask}`;
  const undelete = `POST ${at}:undelete`;
  const { there } = ROLE;
  const script = { [get]: [{ ...there, deleted: true }, there], [undelete]: there, [patch]: there };
  const news = { ...ROLE.news, description: 'd' };
  const { outputs, sent } = await made({ ...ROLE, news }, script);
  expect(sent.slice(1, 3)).toEqual([
    { call: undelete, body: {} },
    { call: patch, body: { ...(ROLE.body['role'] as object), description: 'd' } },
  ]);
  expect(outputs).toMatchObject({ deleted: false });
});

describe('APIs of a project', () => {
  const TYPE = 'gcp:projects/service:Service';
  const NAME = 'artifactregistry.googleapis.com';
  const ID = `ci-images/${NAME}`;
  const AT = `serviceusage/v1/projects/ci-images/services/${NAME}`;
  const [get, enable] = [`GET ${AT}`, `POST ${AT}:enable`];

  test('are switched on', async () => {
    const script = { [get]: { state: 'ENABLED' }, [enable]: DONE };
    const { resource, calls } = await scriptedGoogle(script);
    const { id, outputs } = await resource(TYPE).create({ service: NAME });
    expect(id).toBe(ID);
    expect(outputs).toMatchObject({ project: 'ci-images', service: NAME });
    expect(calls()).toEqual([enable, get]);
  });

  test('are gone for a refresh when they are off', async () => {
    const { resource } = await scriptedGoogle({ [get]: { state: 'DISABLED' } });
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

import { describe, expect, test } from 'vitest';
import { refusal, startApi } from './started-api.ts';

const ACCOUNTS = 'v1/projects/ci-images/serviceAccounts';
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';
const ROLES = 'v1/projects/ci-images/roles';

describe('service accounts', () => {
  test('are created, read, listed, changed, disabled and deleted', async () => {
    const { call } = await startApi();
    const texts = { displayName: 'Runner', description: 'Starts the weekly run' };
    const created = await call('POST', `${ACCOUNTS}?alt=json&prettyPrint=false`, {
      accountId: 'runner',
      serviceAccount: texts,
    });
    expect(created).toMatchObject({
      status: 200,
      body: {
        name: `projects/ci-images/serviceAccounts/${EMAIL}`,
        projectId: 'ci-images',
        email: EMAIL,
        uniqueId: expect.stringMatching(/^1\d{20}$/) as unknown,
        ...texts,
      },
    });
    expect(created.body).not.toHaveProperty('disabled');
    const one = `${ACCOUNTS}/${EMAIL}`;
    expect((await call('GET', one)).body).toEqual(created.body);
    expect((await call('GET', `v1/projects/-/serviceAccounts/${EMAIL}`)).body).toEqual(
      created.body,
    );
    expect((await call('GET', ACCOUNTS)).body).toEqual({ accounts: [created.body] });
    const patched = await call('PATCH', one, {
      serviceAccount: { displayName: 'Other', description: 'not in the mask' },
      updateMask: 'display_name',
    });
    expect(patched.body).toMatchObject({ ...texts, displayName: 'Other' });
    expect((await call('POST', `${one}:disable`, {})).body).toEqual({});
    expect((await call('GET', one)).body).toMatchObject({ disabled: true });
    expect((await call('POST', `${one}:enable`, {})).body).toEqual({});
    expect((await call('GET', one)).body).not.toHaveProperty('disabled');
    expect((await call('DELETE', one)).body).toEqual({});
    expect(await call('GET', one)).toMatchObject(refusal(404, 'NOT_FOUND'));
  });

  test('have one name each in a project', async () => {
    const { call } = await startApi();
    await call('POST', ACCOUNTS, { accountId: 'runner' });
    expect(await call('POST', ACCOUNTS, { accountId: 'runner' })).toMatchObject(
      refusal(409, 'ALREADY_EXISTS'),
    );
  });

  test.each([
    {},
    { accountId: 'short' },
    { accountId: 'x'.repeat(31) },
    { accountId: 'Runner' },
    { accountId: '1runner' },
    { accountId: 'runner-' },
    { accountId: 'runner', displayName: 'Runner' },
    { accountId: 'runner', serviceAccount: { displayName: 'x'.repeat(101) } },
    { accountId: 'runner', serviceAccount: { description: 'ü'.repeat(129) } },
  ])('are not created from %j', async (body) => {
    const { call } = await startApi();
    expect(await call('POST', ACCOUNTS, body)).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
    expect((await call('GET', ACCOUNTS)).body).toEqual({});
  });
});

describe('custom roles', () => {
  const role = {
    title: 'Trigger runner',
    stage: 'GA',
    includedPermissions: ['cloudbuild.builds.create'],
  };

  test('are created, changed, deleted softly and undeleted', async () => {
    const { call } = await startApi();
    const name = 'projects/ci-images/roles/triggerRunner';
    const created = await call('POST', ROLES, { roleId: 'triggerRunner', role });
    expect(created).toMatchObject({ status: 200, body: { ...role, name } });
    expect((await call('GET', `v1/${name}`)).body).toEqual(created.body);
    const patched = await call('PATCH', `v1/${name}`, { title: 'Other' });
    expect(patched.body).toMatchObject({ ...role, title: 'Other' });
    expect((await call('DELETE', `v1/${name}`)).body).toMatchObject({ deleted: true });
    expect((await call('GET', `v1/${name}`)).body).toMatchObject({ deleted: true });
    expect((await call('GET', ROLES)).body).toEqual({});
    expect((await call('GET', `${ROLES}?showDeleted=true`)).body).toMatchObject({
      roles: [{ name }],
    });
    expect(await call('POST', ROLES, { roleId: 'triggerRunner', role })).toMatchObject(
      refusal(409, 'ALREADY_EXISTS'),
    );
    expect(await call('PATCH', `v1/${name}`, { title: 'x' })).toMatchObject(
      refusal(400, 'FAILED_PRECONDITION'),
    );
    expect((await call('POST', `v1/${name}:undelete`, {})).body).not.toHaveProperty('deleted');
    expect((await call('GET', ROLES)).body).toMatchObject({ roles: [{ name }] });
  });

  test.each([
    { roleId: 'trigger-runner', role },
    { roleId: 'ab', role },
    { role },
    { roleId: 'runner', role: { ...role, includedPermissions: ['builds'] } },
    { roleId: 'runner', role: { ...role, stage: 'NEW' } },
    { roleId: 'runner', role: { ...role, permissions: [] } },
  ])('are not created from %j', async (body) => {
    const { call } = await startApi();
    expect(await call('POST', ROLES, body)).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
    expect(await call('GET', `${ROLES}/runner`)).toMatchObject(refusal(404, 'NOT_FOUND'));
  });
});

import { describe, expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

const ROLES = 'v1/projects/ci-images/roles';

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
      apiError(409, 'ALREADY_EXISTS'),
    );
    expect(await call('PATCH', `v1/${name}`, { title: 'x' })).toMatchObject(
      apiError(400, 'FAILED_PRECONDITION'),
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
    expect(await call('POST', ROLES, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect(await call('GET', `${ROLES}/runner`)).toMatchObject(apiError(404, 'NOT_FOUND'));
  });
});

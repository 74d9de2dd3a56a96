import { describe, expect, test } from 'vitest';
import { apiError, NOON, PARENT, startApi, type StartedApi } from './started-api.ts';

const ACCOUNTS = 'v1/projects/ci-images/serviceAccounts';
const RUNNER = 'runner@ci-images.iam.gserviceaccount.com';

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
        name: `projects/ci-images/serviceAccounts/${RUNNER}`,
        projectId: 'ci-images',
        email: RUNNER,
        uniqueId: expect.stringMatching(/^1\d{20}$/) as unknown,
        ...texts,
      },
    });
    expect(created.body).not.toHaveProperty('disabled');
    const one = `${ACCOUNTS}/${RUNNER}`;
    expect((await call('GET', one)).body).toEqual(created.body);
    expect((await call('GET', `v1/projects/-/serviceAccounts/${RUNNER}`)).body).toEqual(
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
    expect(await call('GET', one)).toMatchObject(apiError(404, 'NOT_FOUND'));
  });

  test('have one name each in a project', async () => {
    const { call } = await startApi();
    await call('POST', ACCOUNTS, { accountId: 'runner' });
    expect(await call('POST', ACCOUNTS, { accountId: 'runner' })).toMatchObject(
      apiError(409, 'ALREADY_EXISTS'),
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
    { accountId: 'runner', serviceAccount: { description: 'x'.repeat(257) } },
  ])('are not created from %j', async (body) => {
    const { call } = await startApi();
    expect(await call('POST', ACCOUNTS, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect((await call('GET', ACCOUNTS)).body).toEqual({});
  });
});

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

const TRIGGER = `${PARENT}/triggers/refresh`;
const EMAIL = 'starter@ci-images.iam.gserviceaccount.com';
const ROLE = 'projects/ci-images/roles/buildStarter';

const JOB = `${PARENT}/jobs/refresh`;

/** A trigger, and a service account with a custom role that may start builds, but is not granted yet. */
async function prepareBuilds({ call }: StartedApi): Promise<void> {
  const role = {
    title: 'Starts builds',
    stage: 'GA',
    includedPermissions: ['cloudbuild.builds.create'],
  };
  for (const [path, body] of [
    [`v1/${PARENT}/triggers`, { name: 'refresh' }],
    ['v1/projects/ci-images/serviceAccounts', { accountId: 'starter' }],
    ['v1/projects/ci-images/roles', { roleId: 'buildStarter', role }],
  ] as const) {
    const { status, body: answer } = await call('POST', path, body);
    expect([status, answer]).toMatchObject([200, {}]);
  }
}

/** Grants roles of the project, each to one member; and takes back all that was granted before. */
async function grant({ call }: StartedApi, ...grants: (readonly [string, string])[]) {
  const bindings = grants.map(([role, member]) => ({ role, members: [member] }));
  await call('POST', 'v1/projects/ci-images:setIamPolicy', { policy: { bindings } });
}

/** Fires a job of the account that runs the trigger; gives what became of it. */
async function fireJob({ call, api }: StartedApi): Promise<unknown> {
  await call('POST', `v1/${PARENT}/jobs`, {
    name: JOB,
    schedule: '0 3 * * *',
    retryConfig: { retryCount: 1, minBackoffDuration: '0.01s' },
    httpTarget: {
      uri: `http://${api.address}/v1/${TRIGGER}:run`,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: { serviceAccountEmail: EMAIL },
    },
  });
  return (await call('POST', `emulator/v1/jobs/${JOB}:fire`)).body;
}

const MEMBER = `serviceAccount:${EMAIL}`;
const ACCOUNT = `${ACCOUNTS}/${EMAIL}`;
const FAILED = {
  state: 'FAILED',
  attempts: [
    { httpStatus: 403, status: { code: 7 } },
    { httpStatus: 403, status: { code: 7 } },
  ],
};

/** An emulator with all that a scheduled build needs, but for the grant. */
async function startPrepared(): Promise<StartedApi> {
  const api = await startApi();
  await prepareBuilds(api);
  return api;
}

async function expectRefused(api: StartedApi): Promise<void> {
  expect(await fireJob(api)).toMatchObject(FAILED);
  expect((await api.call('GET', 'emulator/v1/builds')).body).toEqual({ builds: [] });
}

describe('a job that runs a trigger', () => {
  test.each([ROLE, 'roles/cloudbuild.builds.editor', 'roles/editor', 'roles/owner'])(
    'starts a build where its account has %s',
    async (role) => {
      const api = await startPrepared();
      await grant(api, [role, MEMBER]);
      expect(await fireJob(api)).toMatchObject({
        state: 'SUCCEEDED',
        attempts: [{ httpStatus: 200 }],
      });
      const builds = [{ trigger: TRIGGER, by: EMAIL, time: NOON }];
      expect((await api.call('GET', 'emulator/v1/builds')).body).toEqual({ builds });
    },
  );

  test('is refused at each attempt without a role, in the words of Google', async () => {
    const api = await startPrepared();
    await expectRefused(api);
    const answer = await fetch(`http://${api.api.address}/v1/${TRIGGER}:run`, {
      method: 'POST',
      headers: { authorization: `Bearer emulated-access-token-of-${EMAIL}` },
    });
    expect([answer.status, await answer.json()]).toEqual([
      403,
      {
        error: {
          code: 403,
          message: 'The caller does not have permission',
          status: 'PERMISSION_DENIED',
        },
      },
    ]);
  });

  test.each<[string, readonly [string, string][]]>([
    ['a role without the permission', [['roles/viewer', MEMBER]]],
    ['a role that is not there', [['projects/ci-images/roles/other', MEMBER]]],
    [
      'a role that somebody else has',
      [[ROLE, 'serviceAccount:b@ci-images.iam.gserviceaccount.com']],
    ],
    ['a role as a user', [[ROLE, `user:${EMAIL}`]]],
  ])('is refused with %s', async (_, grants) => {
    const api = await startPrepared();
    await grant(api, ...grants);
    await expectRefused(api);
  });

  test.each<[string, (api: StartedApi) => Promise<unknown>]>([
    ['the role is deleted', ({ call }) => call('DELETE', `v1/${ROLE}`)],
    ['the role is disabled', ({ call }) => call('PATCH', `v1/${ROLE}`, { stage: 'DISABLED' })],
    [
      'the role loses the permission',
      ({ call }) => call('PATCH', `v1/${ROLE}?updateMask=includedPermissions`, {}),
    ],
    ['the account is disabled', ({ call }) => call('POST', `${ACCOUNT}:disable`, {})],
    ['the account is deleted', ({ call }) => call('DELETE', ACCOUNT)],
    ['the grant is taken back', (api) => grant(api)],
  ])('is refused once %s', async (_, change) => {
    const api = await startPrepared();
    await grant(api, [ROLE, MEMBER]);
    await change(api);
    await expectRefused(api);
  });

  test('is refused where the role comes with a condition, which is not evaluated', async () => {
    const api = await startPrepared();
    const condition = { expression: 'true', title: 'always' };
    const bindings = [{ role: ROLE, members: [MEMBER], condition }];
    const policy = { version: 3, bindings };
    await api.call('POST', 'v1/projects/ci-images:setIamPolicy', { policy });
    await expectRefused(api);
  });
});

import { describe, expect, test } from 'vitest';
import { NOON, PARENT, startApi, type StartedApi } from './started-api.ts';

const ACCOUNTS = 'v1/projects/ci-images/serviceAccounts';
const RUNNER = 'runner@ci-images.iam.gserviceaccount.com';

test('a service account is disabled and enabled, also by a name without its project', async () => {
  const { call } = await startApi();
  const { body } = await call('POST', ACCOUNTS, { accountId: 'runner' });
  const one = `${ACCOUNTS}/${RUNNER}`;
  expect((await call('GET', `v1/projects/-/serviceAccounts/${RUNNER}`)).body).toEqual(body);
  expect((await call('POST', `${one}:disable`, {})).body).toEqual({});
  expect((await call('GET', one)).body).toMatchObject({ disabled: true });
  expect((await call('POST', `${one}:enable`, {})).body).toEqual({});
  expect((await call('GET', one)).body).toEqual(body);
});

const TRIGGER = `${PARENT}/triggers/refresh`;
const EMAIL = 'starter@ci-images.iam.gserviceaccount.com';
const ROLE = 'projects/ci-images/roles/buildStarter';

const JOB = `${PARENT}/jobs/refresh`;

/** A trigger, and a service account with a custom role that may start builds, but is not granted yet. */
async function startPrepared(): Promise<StartedApi> {
  const api = await startApi();
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
    const { status, body: response } = await api.call('POST', path, body);
    expect([status, response]).toMatchObject([200, {}]);
  }
  return api;
}

/** Grants roles of the project, each to one member; and takes back all that was granted before. */
async function grant({ call }: StartedApi, ...grants: (readonly [string, string])[]) {
  const bindings = grants.map(([role, member]) => ({ role, members: [member] }));
  await call('POST', 'v1/projects/ci-images:setIamPolicy', { policy: { bindings } });
}

/** Fires a job of the account that runs the trigger; gives the outcome. */
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
async function expectDenied(api: StartedApi): Promise<void> {
  const attempt = { httpStatus: 403, status: { code: 7 } };
  expect(await fireJob(api)).toMatchObject({ state: 'FAILED', attempts: [attempt, attempt] });
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

  test('is denied at each attempt without a role, in the words of Google', async () => {
    const api = await startPrepared();
    await expectDenied(api);
    const response = await fetch(`http://${api.api.address}/v1/${TRIGGER}:run`, {
      method: 'POST',
      headers: { authorization: `Bearer emulated-access-token-of-${EMAIL}` },
    });
    expect([response.status, await response.json()]).toEqual([
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
  ])('is denied with %s', async (_, grants) => {
    const api = await startPrepared();
    await grant(api, ...grants);
    await expectDenied(api);
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
  ])('is denied once %s', async (_, change) => {
    const api = await startPrepared();
    await grant(api, [ROLE, MEMBER]);
    await change(api);
    await expectDenied(api);
  });

  test('is denied where the role comes with a condition, which is not evaluated', async () => {
    const api = await startPrepared();
    const condition = { expression: 'true', title: 'always' };
    const bindings = [{ role: ROLE, members: [MEMBER], condition }];
    const policy = { version: 3, bindings };
    await api.call('POST', 'v1/projects/ci-images:setIamPolicy', { policy });
    await expectDenied(api);
  });
});

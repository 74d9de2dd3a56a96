import { expect, test } from 'vitest';
import { NOON, PARENT, startApi, type StartedApi } from './started-api.ts';

const ACCOUNTS = 'v1/projects/ci-images/serviceAccounts';
const TRIGGER = `${PARENT}/triggers/refresh`;
const JOB = `${PARENT}/jobs/refresh`;
const EMAIL = 'starter@ci-images.iam.gserviceaccount.com';
const ACCOUNT = `${ACCOUNTS}/${EMAIL}`;
const MEMBER = `serviceAccount:${EMAIL}`;
const ROLE = 'projects/ci-images/roles/buildStarter';

test('a service account is disabled and enabled, also by a name without its project', async () => {
  const { call } = await startApi();
  const { body } = await call('POST', ACCOUNTS, { accountId: 'starter' });
  expect((await call('GET', `v1/projects/-/serviceAccounts/${EMAIL}`)).body).toEqual(body);
  expect((await call('POST', `${ACCOUNT}:disable`, {})).body).toEqual({});
  expect((await call('GET', ACCOUNT)).body).toMatchObject({ disabled: true });
  expect((await call('POST', `${ACCOUNT}:enable`, {})).body).toEqual({});
  expect((await call('GET', ACCOUNT)).body).toEqual(body);
});

/** A trigger, and a service account with a custom role that may start builds, but is not granted yet. */
async function startPrepared(): Promise<StartedApi> {
  const api = await startApi();
  const role = { title: 'Starts builds', includedPermissions: ['cloudbuild.builds.create'] };
  for (const [path, body] of [
    [`v1/${PARENT}/triggers`, { name: 'refresh' }],
    [ACCOUNTS, { accountId: 'starter' }],
    ['v1/projects/ci-images/roles', { roleId: 'buildStarter', role }],
  ] as const) {
    expect(await api.call('POST', path, body)).toMatchObject({ status: 200 });
  }
  return api;
}

/** Grants a role of the project to a member; and takes back all that was granted before. */
function grant({ call }: StartedApi, role: string, member = MEMBER, more: object = {}) {
  const policy = { version: 3, bindings: [{ role, members: [member], ...more }] };
  return call('POST', 'v1/projects/ci-images:setIamPolicy', { policy });
}

/** The outcome of a fired job that runs the trigger with the account, and the builds. */
async function fireJob({ call, api }: StartedApi): Promise<unknown[]> {
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
  const run = await call('POST', `emulator/v1/jobs/${JOB}:fire`);
  return [run.body, (await call('GET', 'emulator/v1/builds')).body];
}

test.each([ROLE, 'roles/cloudbuild.builds.editor', 'roles/editor', 'roles/owner'])(
  'a job starts a build where its account has %s',
  async (role) => {
    const api = await startPrepared();
    await grant(api, role);
    expect(await fireJob(api)).toMatchObject([
      { state: 'SUCCEEDED', attempts: [{ httpStatus: 200 }] },
      { builds: [{ trigger: TRIGGER, by: EMAIL, time: NOON }] },
    ]);
  },
);

const CONDITION = { condition: { expression: 'true', title: 'always' } };

test.each<[string, (api: StartedApi) => Promise<unknown>]>([
  ['it has a role without the permission', (api) => grant(api, 'roles/viewer')],
  ['somebody else has the role', (api) => grant(api, ROLE, 'serviceAccount:b@example.com')],
  [
    'the role has a condition, which is not evaluated',
    (api) => grant(api, ROLE, MEMBER, CONDITION),
  ],
  ['the role is deleted', ({ call }) => call('DELETE', `v1/${ROLE}`)],
  ['the role is disabled', ({ call }) => call('PATCH', `v1/${ROLE}`, { stage: 'DISABLED' })],
  ['it is disabled', ({ call }) => call('POST', `${ACCOUNT}:disable`, {})],
  ['it is deleted', ({ call }) => call('DELETE', ACCOUNT)],
])('a job is denied at each attempt where, of its account, %s', async (_, change) => {
  const api = await startPrepared();
  await grant(api, ROLE);
  await change(api);
  const message = expect.stringContaining('403') as unknown;
  const attempt = { httpStatus: 403, status: { code: 7, message } };
  expect(await fireJob(api)).toEqual([
    { state: 'FAILED', attempts: [attempt, attempt].map((one) => ({ time: NOON, ...one })) },
    { builds: [] },
  ]);
});

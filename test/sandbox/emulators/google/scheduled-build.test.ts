import { describe, expect, test } from 'vitest';
import {
  EMAIL,
  fireJob,
  grant,
  prepareBuilds,
  ROLE,
  startedBuilds,
  TRIGGER,
} from './scheduled-build.ts';
import { NOON, startApi, type StartedApi } from './started-api.ts';

const MEMBER = `serviceAccount:${EMAIL}`;
const ACCOUNT = `v1/projects/ci-images/serviceAccounts/${EMAIL}`;
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
  expect(await startedBuilds(api)).toEqual({ builds: [] });
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
      expect(await startedBuilds(api)).toEqual({ builds });
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

import { expect } from 'vitest';
import { PARENT, type StartedApi } from './started-api.ts';

export const TRIGGER = `${PARENT}/triggers/refresh`;
export const EMAIL = 'starter@ci-images.iam.gserviceaccount.com';
export const ROLE = 'projects/ci-images/roles/buildStarter';

const JOB = `${PARENT}/jobs/refresh`;

/** A trigger, and a service account with a custom role that may start builds, but is not granted yet. */
export async function prepareBuilds({ call }: StartedApi): Promise<void> {
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
export async function grant({ call }: StartedApi, ...grants: (readonly [string, string])[]) {
  const bindings = grants.map(([role, member]) => ({ role, members: [member] }));
  await call('POST', 'v1/projects/ci-images:setIamPolicy', { policy: { bindings } });
}

/** Fires a job of the account that runs the trigger; gives what became of it. */
export async function fireJob({ call, api }: StartedApi): Promise<unknown> {
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

/** What was really started. */
export async function startedBuilds({ call }: StartedApi): Promise<unknown> {
  return (await call('GET', 'emulator/v1/builds')).body;
}

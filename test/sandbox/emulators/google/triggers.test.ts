import { describe, expect, test } from 'vitest';
import { apiError, NOON, PARENT, startApi, type StartedApi } from './started-api.ts';

const TRIGGERS = `v1/${PARENT}/triggers`;
const GLOBAL = 'v1/projects/ci-images/locations/global/triggers';
const BODY = { name: 'refresh', filename: 'cloudbuild.yaml', substitutions: { _BRANCH: '' } };

/** What was really started. */
async function startedBuilds({ call }: StartedApi): Promise<unknown> {
  return (await call('GET', 'emulator/v1/builds')).body;
}

describe('triggers', () => {
  test('of another location are others', async () => {
    const { call } = await startApi();
    const { body } = await call('POST', GLOBAL, BODY);
    expect((await call('GET', `${GLOBAL}/refresh`)).body).toEqual(body);
    expect((await call('GET', TRIGGERS)).body).toEqual({});
    expect((await call('POST', TRIGGERS, BODY)).status).toBe(200);
  });

  test('are in a region that there is', async () => {
    const { call } = await startApi();
    const path = TRIGGERS.replace('europe-west4', 'europe');
    expect(await call('POST', path, BODY)).toMatchObject(apiError(403, 'PERMISSION_DENIED'));
  });
});

describe('a trigger that is run', () => {
  test('starts a build, which the response tracks and the emulator remembers', async () => {
    const api = await startApi();
    const { body } = await api.call('POST', TRIGGERS, BODY);
    const { id } = body as { id: string };
    const run = await api.call('POST', `${TRIGGERS}/refresh:run`, {
      source: { branchName: 'main' },
    });
    expect(run).toMatchObject({
      status: 200,
      body: {
        name: expect.stringMatching(new RegExp(`^${PARENT}/operations/[\\w-]+$`)) as unknown,
        metadata: {
          '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
          build: { status: 'QUEUED', projectId: 'ci-images', buildTriggerId: id, createTime: NOON },
        },
      },
    });
    expect(run.body).not.toHaveProperty('done');
    await api.call('PUT', 'emulator/v1/clock', { advance: '60s' });
    await api.call('POST', `${TRIGGERS}/refresh:run`);
    const builds = [NOON, '2026-03-01T12:01:00.000Z'].map((time) => ({
      trigger: `${PARENT}/triggers/refresh`,
      by: 'owner',
      time,
    }));
    expect(await startedBuilds(api)).toEqual({ builds });
    await api.restart();
    expect(await startedBuilds(api)).toEqual({ builds });
  });

  test('takes a source to build, and nothing that is none', async () => {
    const api = await startApi();
    await api.call('POST', TRIGGERS, BODY);
    const response = await api.call('POST', `${TRIGGERS}/refresh:run`, { branchName: 'main' });
    expect(response).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect(await startedBuilds(api)).toEqual({ builds: [] });
  });
});

import { describe, expect, test } from 'vitest';
import { startedBuilds } from './scheduled-build.ts';
import { NOON, PARENT, refusal, startApi } from './started-api.ts';

const TRIGGERS = `v1/${PARENT}/triggers`;
const GLOBAL = 'v1/projects/ci-images/triggers';
const BODY = { name: 'refresh', filename: 'cloudbuild.yaml', substitutions: { _BRANCH: '' } };

describe('triggers', () => {
  test('are created, read by name or id, listed and deleted', async () => {
    const { call } = await startApi();
    const created = await call('POST', TRIGGERS, BODY);
    const { id, ...trigger } = created.body as { id: string };
    expect([created.status, trigger]).toEqual([
      200,
      { ...BODY, resourceName: `${PARENT}/triggers/${id}`, createTime: NOON },
    ]);
    expect((await call('GET', `${TRIGGERS}/refresh`)).body).toEqual(created.body);
    expect((await call('GET', `${TRIGGERS}/${id}`)).body).toEqual(created.body);
    expect((await call('GET', TRIGGERS)).body).toEqual({ triggers: [created.body] });
    expect((await call('DELETE', `${TRIGGERS}/refresh`)).body).toEqual({});
    expect((await call('GET', TRIGGERS)).body).toEqual({});
    for (const [method, verb] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', ':run'],
    ] as const) {
      const answer = await call(method, `${TRIGGERS}/refresh${verb}`);
      expect(answer).toMatchObject(refusal(404, 'NOT_FOUND'));
    }
  });

  test('of another location are others; without a location they are global', async () => {
    const { call } = await startApi();
    const { body } = await call('POST', GLOBAL, BODY);
    expect((await call('GET', `${GLOBAL}/refresh`)).body).toEqual(body);
    const same = 'v1/projects/ci-images/locations/global/triggers/refresh';
    expect((await call('GET', same)).body).toEqual(body);
    expect((await call('GET', TRIGGERS)).body).toEqual({});
    expect((await call('POST', TRIGGERS, BODY)).status).toBe(200);
    expect(await call('POST', TRIGGERS, BODY)).toMatchObject(refusal(409, 'ALREADY_EXISTS'));
  });

  test("have a name of Google's where they are given none", async () => {
    const { call } = await startApi();
    const { body } = await call('POST', TRIGGERS, {});
    expect(body).toMatchObject({ name: expect.stringMatching(/^trigger-[0-9a-f]{8}$/) as unknown });
  });

  test.each([{ name: '-refresh' }, { name: 'x'.repeat(65) }, { name: 'a b' }, { title: 'x' }])(
    'are not created from %j',
    async (body) => {
      const { call } = await startApi();
      expect(await call('POST', TRIGGERS, body)).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
      expect((await call('GET', TRIGGERS)).body).toEqual({});
    },
  );

  test('are in a region that there is', async () => {
    const { call } = await startApi();
    const path = TRIGGERS.replace('europe-west4', 'europe');
    expect(await call('POST', path, BODY)).toMatchObject(refusal(403, 'PERMISSION_DENIED'));
  });
});

describe('a trigger that is run', () => {
  test('starts a build, which the answer tracks and the emulator remembers', async () => {
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
    await api.call('POST', `${TRIGGERS}/${id}:run`);
    const builds = [NOON, '2026-03-01T12:01:00.000Z'].map((time) => ({
      trigger: `${PARENT}/triggers/refresh`,
      by: 'owner',
      time,
    }));
    expect(await startedBuilds(api)).toEqual({ builds });
    await api.restart();
    expect(await startedBuilds(api)).toEqual({ builds });
  });

  test('has its source as the whole body where it is global, and one revision at most', async () => {
    const api = await startApi();
    const { call } = api;
    for (const triggers of [GLOBAL, TRIGGERS]) await call('POST', triggers, BODY);
    const invalid = refusal(400, 'INVALID_ARGUMENT');
    const two = { branchName: 'main', tagName: 'v1' };
    for (const [path, body] of [
      [GLOBAL, { source: { branchName: 'main' } }],
      [GLOBAL, two],
      [TRIGGERS, { branchName: 'main' }],
      [TRIGGERS, { source: two }],
    ] as const) {
      expect(await call('POST', `${path}/refresh:run`, body)).toMatchObject(invalid);
    }
    expect(await startedBuilds(api)).toEqual({ builds: [] });
    await call('POST', `${GLOBAL}/refresh:run`, { branchName: 'main' });
    expect(await startedBuilds(api)).toMatchObject({
      builds: [{ trigger: 'projects/ci-images/locations/global/triggers/refresh' }],
    });
  });
});

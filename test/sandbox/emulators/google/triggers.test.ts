import { expect, test } from 'vitest';
import { NOON, PARENT, startApi } from './started-api.ts';

const TRIGGERS = `v1/${PARENT}/triggers`;
const BODY = { name: 'refresh' };

test('triggers of another location are others', async () => {
  const { call } = await startApi();
  const global = 'v1/projects/ci-images/locations/global/triggers';
  const { body } = await call('POST', global, BODY);
  expect((await call('GET', `${global}/refresh`)).body).toEqual(body);
  expect((await call('GET', TRIGGERS)).body).toEqual({});
  expect((await call('POST', TRIGGERS, BODY)).status).toBe(200);
});

test('a trigger that is run starts a build, which the emulator remembers', async () => {
  const { call } = await startApi();
  const { id } = (await call('POST', TRIGGERS, BODY)).body as { id: string };
  const builds = async () => (await call('GET', 'emulator/v1/builds')).body;
  expect(await builds()).toEqual({ builds: [] });
  const { body } = await call('POST', `${TRIGGERS}/refresh:run`, {});
  expect(body).toMatchObject({
    name: expect.stringMatching(new RegExp(`^${PARENT}/operations/[\\w-]+$`)) as unknown,
    metadata: {
      '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
      build: { status: 'QUEUED', projectId: 'ci-images', buildTriggerId: id, createTime: NOON },
    },
  });
  expect(body).not.toHaveProperty('done');
  const build = { trigger: `${PARENT}/triggers/refresh`, by: 'owner', time: NOON };
  expect(await builds()).toEqual({ builds: [build] });
});

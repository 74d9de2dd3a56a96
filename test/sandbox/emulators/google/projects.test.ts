import { describe, expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

test('a project has a number, and an id of the right form', async () => {
  const { call } = await startApi();
  expect(await call('GET', 'v1/projects/ci-images')).toMatchObject({
    status: 200,
    body: {
      projectId: 'ci-images',
      projectNumber: expect.stringMatching(/^\d{12}$/) as unknown,
      lifecycleState: 'ACTIVE',
    },
  });
  for (const id of ['short', 'CI-images', '1-images', 'ci-images-']) {
    const response = await call('GET', `v1/projects/${id}`);
    expect(response).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
  }
});

const SERVICES = 'v1/projects/ci-images/services';
const SCHEDULER = 'cloudscheduler.googleapis.com';

describe('services', () => {
  test('are switched on and off by finished operations', async () => {
    const { call } = await startApi();
    const one = `${SERVICES}/${SCHEDULER}`;
    expect((await call('GET', one)).body).toMatchObject({ state: 'DISABLED' });
    const enabled = await call('POST', `${one}:enable`, {});
    expect(enabled).toMatchObject({
      status: 200,
      body: {
        done: true,
        response: { service: { state: 'ENABLED', config: { name: SCHEDULER } } },
      },
    });
    const { name } = enabled.body as { name: string };
    expect((await call('GET', `v1/${name}`)).body).toEqual(enabled.body);
    const list = `${SERVICES}?filter=state:ENABLED&fields=services/name,nextPageToken`;
    expect((await call('GET', list)).body).toMatchObject({
      services: [{ name: expect.stringMatching(/^projects\/\d+\/services\/cloudsch/) as unknown }],
    });
    const off = { disableDependentServices: false, checkIfServiceHasUsage: 'SKIP' };
    expect((await call('POST', `${one}:disable`, off)).body).toMatchObject({ done: true });
    expect((await call('GET', list)).body).toEqual({});
    expect(await call('POST', `${one}:disable`, off)).toMatchObject(
      apiError(400, 'FAILED_PRECONDITION'),
    );
  });

  test('are switched on 20 at a time, all or none', async () => {
    const { call } = await startApi();
    const enable = (serviceIds: string[]) =>
      call('POST', `${SERVICES}:batchEnable`, { serviceIds });
    const many = Array.from({ length: 21 }, (_, at) => `service-${at}.googleapis.com`);
    for (const [ids, code, status] of [
      [[], 400, 'INVALID_ARGUMENT'],
      [many, 400, 'INVALID_ARGUMENT'],
      [[SCHEDULER, 'nothing'], 403, 'PERMISSION_DENIED'],
    ] as const) {
      expect(await enable([...ids])).toMatchObject(apiError(code, status));
    }
    expect((await call('GET', SERVICES)).body).toEqual({});
    expect(await enable(many.slice(1))).toMatchObject({ status: 200, body: { done: true } });
    const { body } = await call('GET', `${SERVICES}?pageSize=200`);
    expect((body as { services: object[] }).services).toHaveLength(20);
    const wrong = await call('GET', `${SERVICES}?filter=name:x`);
    expect(wrong).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
  });
});

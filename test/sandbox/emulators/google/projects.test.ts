import { expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

test('a project has a number besides its id', async () => {
  const { call } = await startApi();
  expect((await call('GET', 'v1/projects/ci-images')).body).toMatchObject({
    projectId: 'ci-images',
    projectNumber: expect.stringMatching(/^\d{12}$/) as unknown,
    lifecycleState: 'ACTIVE',
  });
});

const SERVICES = 'v1/projects/ci-images/services';
const SCHEDULER = 'cloudscheduler.googleapis.com';

test('services are switched on and off by finished operations', async () => {
  const { call } = await startApi();
  const one = `${SERVICES}/${SCHEDULER}`;
  const list = async (query: string) => (await call('GET', `${SERVICES}?${query}`)).body;
  expect((await call('GET', one)).body).toMatchObject({ state: 'DISABLED' });
  const { body } = await call('POST', `${one}:enable`, {});
  const service = { state: 'ENABLED', config: { name: SCHEDULER } };
  expect(body).toMatchObject({ done: true, response: { service } });
  expect((await call('GET', `v1/${(body as { name: string }).name}`)).body).toEqual(body);
  const enabled = 'filter=state:ENABLED&fields=services/name,nextPageToken';
  expect(await list(enabled)).toMatchObject({
    services: [{ name: expect.stringMatching(/^projects\/\d+\/services\/cloudsch/) as unknown }],
  });
  const off = { disableDependentServices: false, checkIfServiceHasUsage: 'SKIP' };
  expect((await call('POST', `${one}:disable`, off)).body).toMatchObject({ done: true });
  expect(await list(enabled)).toEqual({});
  const again = await call('POST', `${one}:disable`, off);
  expect(again).toMatchObject(apiError(400, 'FAILED_PRECONDITION'));
});

test('several services are switched on at once', async () => {
  const { call } = await startApi();
  const serviceIds = Array.from({ length: 20 }, (_, at) => `service-${at}.googleapis.com`);
  const { body } = await call('POST', `${SERVICES}:batchEnable`, { serviceIds });
  expect(body).toMatchObject({ done: true });
  expect((await call('GET', SERVICES)).body).toMatchObject({
    services: serviceIds.toSorted().map((name) => ({ config: { name }, state: 'ENABLED' })),
  });
});

import { describe, expect, test } from 'vitest';
import {
  createRepository,
  apiError,
  REPOSITORY,
  startApi,
  type StartedApi,
} from './started-api.ts';

const FAULTS = 'emulator/v1/faults';
const READ = ['GET', `v1/${REPOSITORY}`] as const;

async function startWith(fault: object): Promise<StartedApi> {
  const api = await startApi();
  await createRepository(api);
  expect(await api.call('POST', FAULTS, fault)).toMatchObject({ status: 200, body: fault });
  return api;
}

describe('a fault', () => {
  test.each([
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [409, 'ABORTED'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
    [502, 'INTERNAL'],
  ])('responds with %i as Google does, and does nothing', async (status, name) => {
    const { call } = await startWith({ match: '^DELETE .*/repositories/', status });
    const response = await call('DELETE', `v1/${REPOSITORY}`);
    expect(response).toMatchObject(apiError(status, name));
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect(await call(...READ)).toMatchObject({ status: 200 });
  });

  test('has the message that it was given', async () => {
    const { call } = await startWith({ match: '.', status: 429, message: 'Quota exceeded' });
    expect(await call(...READ)).toMatchObject(
      apiError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded'),
    );
  });

  test('meets so many of the requests that it matches', async () => {
    const { call } = await startWith({ match: `^GET /v1/${REPOSITORY}`, status: 500, times: 2 });
    const statuses: number[] = [];
    for (const path of ['v1/projects/ci-images', ...Array<string>(3).fill(READ[1])]) {
      statuses.push((await call('GET', path)).status);
    }
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  test('delays the response', async () => {
    const { call } = await startWith({ match: '^GET', delayMs: 80 });
    const begun = performance.now();
    expect(await call(...READ)).toMatchObject({ status: 200 });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
  });

  test('cuts the connection before anything is done', async () => {
    const { call } = await startWith({ match: '^DELETE', cut: true });
    await expect(call('DELETE', `v1/${REPOSITORY}`)).rejects.toThrow('fetch failed');
    expect(await call(...READ)).toMatchObject({ status: 200 });
  });

  test('cuts the connection after all was done, so that the response is lost', async () => {
    const { call } = await startWith({ match: '^DELETE', cut: 'after' });
    await expect(call('DELETE', `v1/${REPOSITORY}`)).rejects.toThrow('fetch failed');
    expect(await call(...READ)).toMatchObject({ status: 404 });
  });

  test('can be taken back, and never meets the emulator itself', async () => {
    const { call } = await startWith({ match: '.', status: 500 });
    expect(await call('DELETE', FAULTS)).toMatchObject({ status: 200 });
    expect(await call(...READ)).toMatchObject({ status: 200 });
  });

  test.each([{}, { match: '.', status: 200 }, { match: '.', code: 500 }])(
    '%j is none',
    async (body) => {
      const { call } = await startApi();
      expect(await call('POST', FAULTS, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    },
  );
});

test('the calls of Google methods are listed, oldest first, without their tokens', async () => {
  const { call } = await startApi();
  await call('DELETE', 'emulator/v1/requests');
  await call('GET', 'v1/projects/ci-images?access_token=secret&alt=json');
  await call('POST', 'v1/nothing', {});
  expect((await call('GET', 'emulator/v1/requests')).body).toEqual({
    requests: [
      { method: 'GET', path: '/v1/projects/ci-images?alt=json' },
      { method: 'POST', path: '/v1/nothing' },
    ],
  });
});

import { expect, test } from 'vitest';
import { apiError, MISSING, REPOSITORY, startWithRepository } from './started-api.ts';

const FAULTS = 'emulator/v1/faults';
const ONE = `v1/${REPOSITORY}`;

/** An emulator with a fault. */
async function startWith(fault: object) {
  const { call } = await startWithRepository();
  expect((await call('POST', FAULTS, fault)).body).toEqual(fault);
  return { call, read: async () => (await call('GET', ONE)).status };
}

test.each([
  [418, 'UNKNOWN'],
  [429, 'RESOURCE_EXHAUSTED'],
  [502, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
])('a fault responds with %i as Google does, and does nothing', async (status, name) => {
  const { call, read } = await startWith({ match: '^DELETE .*/repositories/', status });
  const response = await call('DELETE', ONE);
  expect(response).toMatchObject(apiError(status, name));
  expect(response.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
  expect(await read()).toBe(200);
});

test('a fault has the message that it was given, until it is taken back', async () => {
  const { call, read } = await startWith({ match: '.', status: 429, message: 'Quota exceeded' });
  const error = apiError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded');
  expect(await call('GET', ONE)).toMatchObject(error);
  expect(await call('DELETE', FAULTS)).toMatchObject({ status: 200 });
  expect(await read()).toBe(200);
});

test('a fault meets so many of the requests that it matches', async () => {
  const { call, read } = await startWith({ match: `^GET /${ONE}`, status: 500, times: 2 });
  expect(await call('GET', 'v1/projects/ci-images')).toMatchObject({ status: 200 });
  expect([await read(), await read(), await read()]).toEqual([500, 500, 200]);
});

test('a fault delays the response', async () => {
  const { read } = await startWith({ match: '^GET', delayMs: 80 });
  const begun = performance.now();
  expect(await read()).toBe(200);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
});

test('a fault has an operation end only after it was read so often', async () => {
  const { call, read } = await startWith({ match: '^DELETE', polls: 2 });
  const { body } = await call('DELETE', ONE);
  expect(body).not.toHaveProperty('done');
  // What it does is done by then.
  expect(await read()).toBe(404);
  const operation = `v1/${(body as { name: string }).name}`;
  expect((await call('GET', operation)).body).not.toHaveProperty('done');
  expect((await call('GET', operation)).body).toMatchObject({ done: true, response: {} });
});

test.each([
  ['before anything is done', true, 200],
  ['after all was done, so that the response is lost', 'after', 404],
])('a fault cuts the connection %s', async (_, cut, left) => {
  const { call, read } = await startWith({ match: '^DELETE', cut });
  await expect(call('DELETE', ONE)).rejects.toThrow('fetch failed');
  expect(await read()).toBe(left);
});

test('requests for Google methods are listed, oldest first', async () => {
  const { call } = await startWithRepository();
  await call('DELETE', 'emulator/v1/requests');
  await call('GET', 'v1/projects/ci-images?alt=json');
  expect(await call('POST', 'v1/nothing', {})).toMatchObject(MISSING);
  expect((await call('GET', 'emulator/v1/requests')).body).toEqual({
    requests: [
      { method: 'GET', path: '/v1/projects/ci-images?alt=json' },
      { method: 'POST', path: '/v1/nothing' },
    ],
  });
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { createFaults } from '../../../../infra/sandbox/emulators/google/faults.ts';
import { createOperations } from '../../../../infra/sandbox/emulators/google/operations.ts';
import { handleRequest } from '../../../../infra/sandbox/emulators/google/request-handler.ts';
import { route, type Route } from '../../../../infra/sandbox/emulators/google/router.ts';
import { startLoopbackServer } from '../../../../infra/sandbox/emulators/loopback-server.ts';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { apiError, callApi, INVALID, MISSING, SECRET, startApi } from './started-api.ts';

/** Sends requests to a server of `routes`. */
async function serve(...routes: Route[]) {
  const closing = new AbortController().signal;
  const clock = { now: () => 0, timestamp: () => '', advance: () => undefined };
  const operations = createOperations(clock);
  const front = { routes, faults: createFaults(), operations, closing, secret: SECRET };
  const server = await startLoopbackServer(0, (...exchange) => handleRequest(front, ...exchange));
  onTestFinished(() => server.close());
  return (method: string, path: string, body?: unknown, type?: string) =>
    callApi(server.address, method, path, body, type);
}

const ECHO = [
  route('GET', 'v1/a/{id}:check', ({ params }) => ({ check: params['id'] })),
  route('GET', 'v1/a/{id}', ({ name, params, query }) => ({
    name,
    ...params,
    ...Object.fromEntries(query),
  })),
  route('POST', 'v1/a', ({ body }) => ({ body })),
];

test('a request gets JSON, whatever standard parameters it has', async () => {
  const call = await serve(...ECHO);
  const query = 'alt=json&prettyPrint=false&fields=a&key=k&%24.xgafv=2&page_size=3';
  const { status, headers, body } = await call('GET', `v1/a/b%2Fc@d:e?${query}`);
  expect([status, body]).toEqual([200, { name: 'a/b/c@d:e', id: 'b/c@d:e', pageSize: '3' }]);
  expect(headers.get('content-type')).toBe('application/json; charset=UTF-8');
});

test.each([
  ['with a verb is for another method', 'GET', 'v1/a/b:check', { check: 'b' }],
  ['may have the version twice, as the official plug-in does', 'GET', 'v1/v1/a/b', { id: 'b' }],
  ['without a body has an empty one', 'POST', 'v1/a', { body: {} }],
])('a request %s', async (_, method, path, body) => {
  const call = await serve(...ECHO);
  expect((await call(method, path)).body).toMatchObject(body);
});

test.each([
  ['a body that is no JSON', 'POST', 'v1/a', '{'],
  ['a broken path', 'GET', 'v1/a/%ff', undefined],
])('a request with %s is rejected', async (_, method, path, body) => {
  const call = await serve(...ECHO);
  expect(await call(method, path, body)).toMatchObject(INVALID);
});

test.each([
  ['DELETE', 'v1/a/b'],
  ['GET', 'v1/a/b/c'],
])('%s %s is unknown: a 404 in the same shape', async (method, path) => {
  const call = await serve(...ECHO);
  expect(await call(method, path)).toMatchObject(MISSING);
});

const REFUSED = apiError(401, 'UNAUTHENTICATED');

test.each([
  ['v1/projects/ci-images', 'Bearer any', { status: 200 }],
  ['v1/projects/ci-images', undefined, REFUSED],
  ['v1/projects/ci-images?access_token=any', undefined, INVALID],
  ['v1/projects/ci-images?access_token=any', 'Bearer any', INVALID],
  ['v1/projects/ci-images?oauth_token=any', 'Bearer any', INVALID],
  ['emulator/v1/clock', `Bearer ${SECRET}`, { status: 200 }],
  ['emulator/v1/clock', 'Bearer another', REFUSED],
  ['emulator/v1/clock', undefined, REFUSED],
  [`emulator/v1/clock?access_token=${SECRET}`, undefined, INVALID],
  // Whether it runs, anybody may know.
  ['emulator/', undefined, { status: 200, body: {} }],
])('a request for %s with the authorization %s', async (path, authorization, expected) => {
  const { api } = await startApi();
  const headers = authorization === undefined ? undefined : { authorization };
  const response = await fetch(`http://${api.address}/${path}`, { headers });
  expect({ status: response.status, body: await response.json() }).toMatchObject(expected);
});

test.each([
  ['text/plain', '{}', INVALID],
  ['application/x-www-form-urlencoded', '{}', INVALID],
  ['application/json; charset=utf-8', '{}', { status: 200 }],
  ['application/x-www-form-urlencoded', '', { status: 200 }],
])('a body of the type %s, %j', async (type, body, expected) => {
  const call = await serve(...ECHO);
  expect(await call('POST', 'v1/a', body, type)).toMatchObject(expected);
});

const AWAY = new RegistryError('REGISTRY_UNREACHABLE', 'could not list', 'check that it runs');

test.each([
  ['a registry that is away is a 503 with the reason', AWAY, 503, 'UNAVAILABLE', AWAY.message],
  ['a bug is a 500 without details', Error('oh'), 500, 'INTERNAL', 'Internal error encountered.'],
])('%s', async (_, error, code, status, message) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => {
    log.mockRestore();
  });
  const call = await serve(
    route('GET', 'v1/a', () => {
      throw error;
    }),
  );
  expect(await call('GET', 'v1/a')).toMatchObject(apiError(code, status, message));
  expect(log.mock.calls).toEqual(code === 500 ? [[error]] : []);
});

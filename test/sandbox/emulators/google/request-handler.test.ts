import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createRequestLog,
  handleRequest,
} from '../../../../infra/sandbox/emulators/google/request-handler.ts';
import { createFaults } from '../../../../infra/sandbox/emulators/google/faults.ts';
import { route, type Route } from '../../../../infra/sandbox/emulators/google/router.ts';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { apiError, callApi, startApi } from './started-api.ts';

/** The address of a front before `routes`. */
async function serve(...routes: Route[]): Promise<string> {
  const front = {
    routes,
    faults: createFaults(),
    requests: createRequestLog(),
    closing: new AbortController().signal,
  };
  const server = createServer((request, response) => void handleRequest(front, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a request', () => {
  const echo = [
    route('GET', 'v1/a/{name}:check', ({ params }) => ({ check: params.name })),
    route(
      'GET',
      'v1/a/{name}',
      ({ params, query }) => ({ ...params, ...Object.fromEntries(query) }),
      ['pageSize'],
    ),
    route('POST', 'v1/a', ({ body }) => ({ body })),
  ];

  test('gets JSON, whatever standard parameters it has', async () => {
    const address = await serve(...echo);
    const query = 'alt=json&prettyPrint=false&fields=a&key=k&%24.xgafv=2&page_size=3';
    const { status, headers, body } = await callApi(address, 'GET', `v1/a/b%2Fc@d:e?${query}`);
    expect([status, body]).toEqual([200, { name: 'b/c@d:e', pageSize: '3' }]);
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8');
  });

  test.each([
    ['of a verb is for another method', 'v1/a/b:check', { check: 'b' }],
    ['may have the version twice, as the official plug-in does', 'v1/v1/a/b', { name: 'b' }],
  ])('%s', async (_, path, body) => {
    expect((await callApi(await serve(...echo), 'GET', path)).body).toEqual(body);
  });

  test('without a body has an empty one', async () => {
    const address = await serve(...echo);
    expect((await callApi(address, 'POST', 'v1/a')).body).toEqual({ body: {} });
  });

  test('with a body that is no JSON, or a broken path, is rejected', async () => {
    const address = await serve(...echo);
    const invalid = apiError(400, 'INVALID_ARGUMENT');
    expect(await callApi(address, 'POST', 'v1/a', '{')).toMatchObject(invalid);
    expect(await callApi(address, 'GET', 'v1/a/%ff')).toMatchObject(invalid);
  });

  test('of nothing that is known is a 404 in the same shape', async () => {
    const address = await serve(...echo);
    for (const [method, path] of [
      ['GET', 'v1/b'],
      ['DELETE', 'v1/a/b'],
      ['GET', 'v1/a/b/c'],
      ['GET', 'emulator/v1/b'],
    ] as const) {
      expect(await callApi(address, method, path)).toMatchObject(apiError(404, 'NOT_FOUND'));
    }
  });
});

test("a call without a token is rejected, except for the emulator's own methods", async () => {
  const { api } = await startApi();
  const response = await fetch(`http://${api.address}/v1/projects/ci-images`);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject(apiError(401, 'UNAUTHENTICATED').body);
  expect((await fetch(`http://${api.address}/emulator/v1/clock`)).status).toBe(200);
  const query = '?access_token=any';
  expect((await fetch(`http://${api.address}/v1/projects/ci-images${query}`)).status).toBe(200);
});

test('a registry that is away is a 503 that says so', async () => {
  const address = await serve(
    route('GET', 'v1/a', () => {
      throw new RegistryError('REGISTRY_UNREACHABLE', 'could not list', 'check that it runs');
    }),
  );
  expect(await callApi(address, 'GET', 'v1/a')).toMatchObject(
    apiError(503, 'UNAVAILABLE', 'REGISTRY_UNREACHABLE  could not list; check that it runs'),
  );
});

test('an error of the emulator is a 500 without details, and is in its log', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => {
    log.mockRestore();
  });
  const address = await serve(
    route('GET', 'v1/a', () => {
      throw new Error('oh');
    }),
  );
  const response = await callApi(address, 'GET', 'v1/a');
  expect(response).toMatchObject(apiError(500, 'INTERNAL', 'Internal error encountered.'));
  expect(log).toHaveBeenCalledWith(new Error('oh'));
});

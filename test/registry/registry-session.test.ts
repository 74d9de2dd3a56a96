import { describe, expect, test } from 'vitest';
import { parseRegistry } from '../../src/image-reference.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { registryOrigin } from '../../src/registry/registry-origin.ts';
import { clientOf, failureOf, FOUND, REPOSITORY, TAG } from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

function origin(host: string): string {
  const registry = parseRegistry(host);
  if (registry === undefined) throw new Error(`${host} is no registry`);
  return registryOrigin(registry).origin;
}

describe('registryOrigin', () => {
  test.each([
    ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['127.1.2.3', 'http://127.1.2.3'],
    ['localhost:443', 'http://localhost:443'],
    ['[::1]:5000', 'http://[::1]:5000'],
    ['128.0.0.1:5000', 'https://128.0.0.1:5000'],
    ['10.0.0.1', 'https://10.0.0.1'],
    ['[::2]:5000', 'https://[::2]:5000'],
    ['127.0.0.1.example:80', 'https://127.0.0.1.example:80'],
    ['localhost.example', 'https://localhost.example'],
    ['us-central1-docker.pkg.dev', 'https://us-central1-docker.pkg.dev'],
    ['docker.io', 'https://registry-1.docker.io'],
    ['index.docker.io', 'https://registry-1.docker.io'],
  ])('%s is asked at %s: plain http on loopback only', (host, expected) => {
    expect(origin(host)).toBe(expected);
  });

  test('a port that no host can have is an error that names it', () => {
    expect(() => origin('localhost:99999')).toThrow(RegistryError);
    expect(() => origin('localhost:99999')).toThrow('localhost:99999');
  });
});

test('an https registry may not redirect to plain http', async () => {
  const registry = parseRegistry('registry.example');
  if (registry === undefined) throw new Error('not a registry');
  const headers = { location: 'http://registry.example/' };
  const fetch = () => Promise.resolve(new Response(null, { status: 307, headers }));
  const failure = await failureOf(
    clientOf({ registry }, { fetch }).client.getManifest(REPOSITORY, TAG),
  );
  expect(failure.code).toBe('REGISTRY_UNSAFE');
});

test('a 429 is waited out, and named after five tries', async () => {
  const limit = { status: 429, headers: { 'retry-after': '3' } };
  const server = await scriptedServer(limit, FOUND, limit);
  const { client, waits } = clientOf(server);
  expect(await client.headManifest(REPOSITORY, TAG)).toBeDefined();
  expect(waits).toEqual([3000]);
  const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
  expect(failure.code).toBe('REGISTRY_RATE_LIMITED');
  expect(server.asked).toHaveLength(7);
});

test('no response is an error with the image, the reason and its cause, never an absent tag', async () => {
  const server = await scriptedServer(() => undefined);
  const { client } = clientOf(server, { timeout: 10 });
  const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
  expect(failure.code).toBe('REGISTRY_UNREACHABLE');
  expect(failure.message).toContain(`${server.registry}/${REPOSITORY}:${TAG}`);
  expect(failure.message).toContain('no answer in time (5 tries');
  expect(failure.cause).toBeInstanceOf(Error);
});

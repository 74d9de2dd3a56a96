import { describe, expect, test } from 'vitest';
import { parseRegistry } from '../../src/image-reference.ts';
import { registryOrigin } from '../../src/registry/registry-origin.ts';
import { known } from '../support/fixtures.ts';
import { clientOf, failureOf, registryWith, REPOSITORY, TAG } from './client-of.ts';

const origin = (host: string) => registryOrigin(known(parseRegistry(host))).origin;

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
    expect(() => origin('localhost:99999')).toThrow('REGISTRY_UNREACHABLE  localhost:99999');
  });
});

test('an https registry may not redirect to plain http', async () => {
  const registry = known(parseRegistry('registry.example'));
  const headers = { location: 'http://registry.example/' };
  const fetch = () => Promise.resolve(new Response(null, { status: 307, headers }));
  const { client } = clientOf({ registry }, { fetch });
  const failure = await failureOf(client.getManifest(REPOSITORY, TAG));
  expect(failure.code).toBe('REGISTRY_UNSAFE');
});

test('no response is an error with the image, the reason and its cause, never an absent tag', async () => {
  const { get, registry } = await registryWith(() => undefined, { timeout: 10 });
  const failure = await failureOf(get());
  expect(failure.message).toContain(
    `REGISTRY_UNREACHABLE  could not read ${registry}/${REPOSITORY}:${TAG}: no answer in time (5 tries`,
  );
  expect(failure.cause).toBeInstanceOf(Error);
});

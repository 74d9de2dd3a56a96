import { expect, test } from 'vitest';
import { clientOf, failureOf, FOUND, REPOSITORY, TAG } from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

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

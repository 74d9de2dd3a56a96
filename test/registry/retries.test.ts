import { describe, expect, test } from 'vitest';
import { retryDelay } from '../../src/registry/retry-delay.ts';
import { BYTES, clientOf, DIGEST, failureOf, FOUND, REPOSITORY, TAG } from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

const look = { tries: 1, waited: 0, now: Date.UTC(2026, 7, 21), random: 0 };

describe('retryDelay', () => {
  test.each([
    // 500 ms × 2^(tries - 1), of which half is random
    { rule: 'the first wait is at least 250 ms', tries: 1, random: 0, expected: 250 },
    { rule: 'the first wait is at most 500 ms', tries: 1, random: 1, expected: 500 },
    { rule: 'each wait is twice the one before', tries: 4, random: 1, expected: 4000 },
    { rule: 'the fifth try is the last', tries: 5, random: 0, expected: undefined },
  ])('$rule', ({ tries, random, expected }) => {
    expect(retryDelay({ status: 503 }, { ...look, tries, random })).toBe(expected);
  });

  test.each([200, 201, 301, 400, 401, 403, 404, 405, 501])('a %i is final', (status) => {
    expect(retryDelay({ status }, look)).toBeUndefined();
  });

  test.each([429, 500, 502, 503, 504])('a %i is worth another try', (status) => {
    expect(retryDelay({ status }, look)).toBe(250);
  });

  test.each([
    { rule: 'seconds', retryAfter: '7', expected: 7000 },
    { rule: 'a date', retryAfter: 'Fri, 21 Aug 2026 00:00:09 GMT', expected: 9000 },
    { rule: 'a date that is over', retryAfter: 'Thu, 20 Aug 2026 00:00:00 GMT', expected: 250 },
    { rule: 'nonsense', retryAfter: 'soon', expected: 250 },
    { rule: 'longer than anyone should wait', retryAfter: '121', expected: undefined },
  ])('Retry-After may be $rule', ({ retryAfter, expected }) => {
    expect(retryDelay({ status: 429, retryAfter }, look)).toBe(expected);
  });

  test('all waits of one request together stay under two minutes', () => {
    const outcome = { status: 429, retryAfter: '60' };
    expect(retryDelay(outcome, { ...look, tries: 2, waited: 60_000 })).toBe(60_000);
    expect(retryDelay(outcome, { ...look, tries: 2, waited: 60_001 })).toBeUndefined();
  });
});

describe('a client', () => {
  test('waits as long as a 429 asks for', async () => {
    const server = await scriptedServer({ status: 429, headers: { 'retry-after': '3' } }, FOUND);
    const { client, waits } = clientOf(server);
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
    expect(waits).toEqual([3000]);
  });

  test('gives up on a 429 after five tries, and says what limits it', async () => {
    const server = await scriptedServer({ status: 429 });
    const { client, waits } = clientOf(server);
    const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_RATE_LIMITED');
    expect(server.asked).toHaveLength(5);
    expect(waits).toHaveLength(4);
  });

  test('gets over a 500', async () => {
    const server = await scriptedServer({ status: 500 }, { status: 502 }, FOUND);
    const { client } = clientOf(server);
    await expect(client.getManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
  });

  test('gets over a connection that is cut before the answer', async () => {
    const server = await scriptedServer((_, response) => {
      response.destroy();
      return undefined;
    }, FOUND);
    const { client } = clientOf(server);
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
  });

  test('gets over a connection that is cut in the middle of a manifest', async () => {
    const server = await scriptedServer((_, response) => {
      response.writeHead(200, FOUND.headers);
      response.write('{"schema', () => response.destroy());
      return undefined;
    }, FOUND);
    const { client } = clientOf(server);
    await expect(client.getManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
  });

  test('does not wait for an answer beyond its time for one try', async () => {
    const server = await scriptedServer(() => undefined, FOUND);
    const { client } = clientOf(server, { timeout: 500 });
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
  });

  test.each([
    { pace: 'slow', milliseconds: 2, timeout: 20_000, code: undefined },
    { pace: 'too slow', milliseconds: 60, timeout: 200, code: 'REGISTRY_UNREACHABLE' },
  ])('takes all that arrives in the time for one try: $pace', async (given) => {
    const { milliseconds, timeout, code } = given;
    const server = await scriptedServer((_, response) => {
      response.writeHead(FOUND.status, FOUND.headers);
      const bytes = [...BYTES];
      const timer = setInterval(() => {
        const byte = bytes.shift();
        if (byte === undefined) response.end();
        else response.write(Uint8Array.of(byte));
        if (byte === undefined || response.destroyed) clearInterval(timer);
      }, milliseconds);
      return undefined;
    });
    const { client } = clientOf(server, { timeout });
    const got = client.getManifest(REPOSITORY, TAG);
    if (code === undefined) await expect(got).resolves.toMatchObject({ digest: DIGEST });
    else expect((await failureOf(got)).code).toBe(code);
  });

  test('says of a registry that never answers that it did not, never that a tag is gone', async () => {
    const server = await scriptedServer(() => undefined);
    const { client } = clientOf(server, { timeout: 10 });
    const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNREACHABLE');
    expect(failure.message).toContain('no answer in time (5 tries');
  });

  test('names what it asked for when there is no connection at all, and keeps the cause', async () => {
    const server = await scriptedServer((_, response) => {
      response.destroy();
      return undefined;
    });
    const { client } = clientOf(server);
    const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNREACHABLE');
    expect(failure.message).toContain(`${server.registry}/${REPOSITORY}:${TAG}`);
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test('stops at once when the run is cancelled', async () => {
    const cancellation = new AbortController();
    const reason = new Error('cancelled');
    const server = await scriptedServer(() => {
      cancellation.abort(reason);
      return undefined;
    });
    const { client } = clientOf(server, { signal: cancellation.signal });
    await expect(client.headManifest(REPOSITORY, TAG)).rejects.toBe(reason);
    expect(server.asked).toHaveLength(1);
  });

  test('pushes the same bytes again when the first push was cut off', async () => {
    const server = await scriptedServer({ status: 503 }, { status: 201 });
    const { client } = clientOf(server);
    const bytes = new TextEncoder().encode('{"schemaVersion":2}');
    await client.putManifest(REPOSITORY, TAG, { mediaType: 'a/b', bytes });
    expect(server.asked.map(({ body }) => body)).toEqual(Array(2).fill('{"schemaVersion":2}'));
  });
});

import { describe, expect, test } from 'vitest';
import {
  fetchWithRetry,
  type HttpOptions,
  type HttpRequest,
} from '../../src/http/fetch-with-retry.ts';
import { retry } from '../../src/http/retry.ts';
import { isSecure } from '../../src/url.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

describe('the waits between tries', () => {
  const now = Date.UTC(2026, 7, 21);
  test.each([
    // 500 ms × 2^(tries - 1), of which half is random
    { rule: 'double, and are half of it at least', expected: [250, 500, 1000, 2000] },
    { rule: 'double, and are all of it at most', random: 1, expected: [500, 1000, 2000, 4000] },
    {
      rule: 'follow a Retry-After of seconds',
      retryAfter: '7',
      expected: [7000, 7000, 7000, 7000],
    },
    {
      rule: 'follow a Retry-After of a date',
      retryAfter: 'Fri, 21 Aug 2026 00:00:09 GMT',
      expected: [9000, 9000, 9000, 9000],
    },
    {
      rule: 'do not follow a date that is over',
      retryAfter: 'Thu, 20 Aug 2026 00:00:00 GMT',
      expected: [250, 500, 1000, 2000],
    },
    { rule: 'do not follow nonsense', retryAfter: 'soon', expected: [250, 500, 1000, 2000] },
    { rule: 'end before one that is too long', retryAfter: '121', expected: [] },
    { rule: 'have two minutes in all', retryAfter: '60', expected: [60_000, 60_000] },
  ])('$rule', async ({ retryAfter, random = 0, expected }) => {
    const waits: number[] = [];
    const sleep = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));
    const options = { sleep, now: () => now, random: () => random };
    await retry(() => Promise.resolve({ isFinal: false, retryAfter }), options);
    expect(waits).toEqual(expected);
  });
});

/** A server with these lines, and requests to it whose waits take no time and are written down. */
async function serverWith(...script: [Line, ...Line[]]) {
  const server = await scriptedServer(...script);
  const waits: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));
  const get = (request: Partial<HttpRequest> = {}, options: HttpOptions = {}) =>
    fetchWithRetry(
      { url: new URL(server.origin), largestBody: 100, ...request },
      { sleep, random: () => 0, ...options },
    );
  return { ...server, waits, get };
}

const FOUND = { status: 200, body: 'found' };
const hangUp: Line = (_, response) => {
  response.destroy();
  return undefined;
};
const breakOff: Line = (_, response) => {
  response.writeHead(200, { 'content-length': '5' });
  response.write('fo', () => response.destroy());
  return undefined;
};
const neverRespond: Line = () => undefined;

describe('a response is', () => {
  test.each([200, 201, 301, 400, 401, 403, 404, 405, 501])('final with %i', async (status) => {
    const { asked, get } = await serverWith({ status });
    expect(await get()).toMatchObject({ status, tries: 1 });
    expect(asked).toHaveLength(1);
  });

  test.each([429, 500, 502, 503, 504])('worth a second try with %i', async (status) => {
    const { get, waits } = await serverWith({ status }, FOUND);
    expect(await get()).toMatchObject({ status: 200, bytes: Buffer.from('found'), tries: 2 });
    expect(waits).toEqual([250]);
  });

  const soon = String(Math.floor(Date.now() / 1000) + 60);
  test.each<[string, Record<string, string>, number, number]>([
    ['Retry-After', { 'retry-after': '7' }, 7000, 7000],
    ['no request left', { 'x-ratelimit-remaining': '0' }, 250, 250],
    ['no request left, as other hosts say it', { 'ratelimit-remaining': '0' }, 250, 250],
    [
      "the time of GitHub's next requests",
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': soon },
      30_000,
      60_000,
    ],
  ])('worth a second try with 403 and %s', async (_, headers, least, most) => {
    const { get, waits } = await serverWith({ status: 403, headers }, FOUND);
    expect(await get()).toMatchObject({ status: 200, tries: 2 });
    expect(waits[0]).toBeGreaterThanOrEqual(least);
    expect(waits[0]).toBeLessThanOrEqual(most);
  });

  test.each([
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    'You have triggered an abuse detection mechanism.',
    'API rate limit exceeded for user ID 1.',
  ])('worth a second try in a minute with 403 and the words %j alone', async (message) => {
    const { get, waits } = await serverWith(
      { status: 403, body: JSON.stringify({ message }) },
      FOUND,
    );
    expect(await get()).toMatchObject({ status: 200, tries: 2 });
    expect(waits).toEqual([60_000]);
  });

  test('final with 403 and requests left', async () => {
    const headers = { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': soon };
    const { get } = await serverWith({ status: 403, headers }, FOUND);
    expect(await get()).toMatchObject({ status: 403, tries: 1 });
  });

  test.each([
    ['the connection ends before it', hangUp, 60_000],
    ['the connection ends within its body', breakOff, 60_000],
    ['it takes longer than a try may', neverRespond, 300],
  ])('requested again where %s', async (_, line, timeout) => {
    const { get } = await serverWith(line, FOUND);
    const result = await get({}, { timeout });
    expect(result).toMatchObject({ status: 200 });
    // A busy machine may need a third one.
    expect(result.tries).toBeGreaterThan(1);
  });

  test('the last one after five tries, and after as many as there may be', async () => {
    const { get, waits } = await serverWith({ status: 503 });
    expect(await get()).toMatchObject({ status: 503, tries: 5 });
    expect(waits).toEqual([250, 500, 1000, 2000]);
    expect(await get({}, { mostTries: 1 })).toMatchObject({ status: 503, tries: 1 });
  });

  test.each([
    { pace: 'slow', milliseconds: 2, timeout: 20_000, expected: { status: 200 } },
    { pace: 'too slow', milliseconds: 60, timeout: 100, expected: { failure: 'unreachable' } },
  ])('read until the end of the time limit: $pace', async (given) => {
    const { milliseconds, timeout, expected } = given;
    const { get } = await serverWith((_, response) => {
      response.writeHead(200);
      const letters = ['f', 'o', 'u', 'n', 'd'];
      const timer = setInterval(() => {
        const letter = letters.shift();
        if (letter === undefined) response.end();
        else response.write(letter);
        if (letter === undefined || response.destroyed) clearInterval(timer);
      }, milliseconds);
      return undefined;
    });
    expect(await get({}, { timeout })).toMatchObject(expected);
  });

  test('cut where an error is long', async () => {
    const { get } = await serverWith({ status: 404, body: 'x'.repeat(1_000_000) });
    const result = await get();
    expect('bytes' in result && result.bytes.byteLength).toBeLessThan(200_000);
  });
});

describe('a failure is', () => {
  test.each([
    ['no connection', hangUp, 'other side closed', 60_000],
    ['no response in time', neverRespond, 'no answer in time', 50],
  ])('returned: %s', async (_, line, reason, timeout) => {
    const { get } = await serverWith(line);
    const failure = { failure: 'unreachable', reason, tries: 5 };
    expect(await get({}, { timeout })).toMatchObject(failure);
  });

  test('a body that is too large, at once', async () => {
    const { asked, get } = await serverWith({ status: 200, body: 'x'.repeat(101) });
    expect(await get()).toMatchObject({ failure: 'too large' });
    expect(asked).toHaveLength(1);
  });

  test('not the abort of a run: its reason is thrown at once', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const { asked, get } = await serverWith(() => {
      abort.abort(reason);
      return undefined;
    });
    await expect(get({}, { signal: abort.signal })).rejects.toBe(reason);
    expect(asked).toHaveLength(1);
  });
});

test('a body is sent again with each try', async () => {
  const { asked, get } = await serverWith({ status: 503 }, { status: 201 });
  await get({ method: 'PUT', body: new TextEncoder().encode('content') });
  expect(asked.map(({ method, body }) => `${method} ${body}`)).toEqual(
    Array(2).fill('PUT content'),
  );
});

describe('a redirect is', () => {
  test('followed where it may lead, with credentials for the first server only', async () => {
    const other = await scriptedServer(FOUND);
    const { asked, get } = await serverWith(
      { status: 307, headers: { location: '/b' } },
      { status: 302, headers: { location: other.origin } },
    );
    const result = await get({ mayRedirect: isSecure, authorization: 'Bearer tok3n' });
    expect(result).toMatchObject({ status: 200 });
    const authorizations = [...asked, ...other.asked].map(({ headers }) => headers.authorization);
    expect(authorizations).toEqual(['Bearer tok3n', 'Bearer tok3n', undefined]);
  });

  test('followed back without credentials: another server has chosen the address', async () => {
    let back = '';
    const other = await scriptedServer(() => ({ status: 302, headers: { location: back } }));
    const { asked, get, origin } = await serverWith(
      { status: 307, headers: { location: other.origin } },
      FOUND,
    );
    back = `${origin}/chosen`;
    await get({ mayRedirect: isSecure, authorization: 'Bearer tok3n' });
    const sent = asked.map(({ url, headers }) => [url, headers.authorization]);
    expect(sent).toEqual([
      ['/', 'Bearer tok3n'],
      ['/chosen', undefined],
    ]);
  });

  test('returned where none is followed', async () => {
    const { get } = await serverWith({ status: 302, headers: { location: '/b' } });
    expect(await get()).toMatchObject({ status: 302 });
  });

  test('a failure where it leads to plain http on another machine', async () => {
    const headers = { location: 'http://a.test/?b' };
    const { asked, get } = await serverWith({ status: 302, headers });
    const failure = { failure: 'redirected', reason: 'it redirects to http://a.test/' };
    expect(await get({ mayRedirect: isSecure })).toMatchObject(failure);
    expect(asked).toHaveLength(1);
  });

  test.each(['/', 'http://'])('returned after ten, or where it leads to %j', async (location) => {
    const { asked, get } = await serverWith({ status: 302, headers: { location } });
    expect(await get({ mayRedirect: isSecure })).toMatchObject({ status: 302, tries: 1 });
    expect(asked).toHaveLength(location === '/' ? 11 : 1);
  });
});

test('an account in a URL is not sent', async () => {
  const { asked, get, registry } = await serverWith(FOUND);
  await get({ url: new URL(`http://me:s%40crt@${registry}/`) });
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

import { describe, expect, test } from 'vitest';
import { fileProbe, textFetcher } from '../../../src/refresh/lookup/text-fetcher.ts';
import { scriptedServer, type Line } from '../../registry/scripted-server.ts';

/** Fetches from a server with these lines, without ever waiting. */
async function upstream(...script: [Line, ...Line[]]) {
  const { origin, asked } = await scriptedServer(...script);
  const fetchText = textFetcher({ sleep: () => Promise.resolve() });
  return { fetchText: (path: string) => fetchText(origin + path), asked };
}

const found = { status: 200, body: 'a list' };
const breaksOff: Line = (_, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('a l');
  setTimeout(() => response.destroy(), 20);
  return undefined;
};

describe('a text is', () => {
  test('requested once, however many want it', async () => {
    const { fetchText, asked } = await upstream(found);
    const texts = await Promise.all(['/a', '/a', '/b'].map(fetchText));
    expect(texts).toEqual(Array(3).fill('a list'));
    expect(asked.map(({ url }) => url).toSorted()).toEqual(['/a', '/b']);
  });

  test.each([404, 410])('absent after a %i, without a retry', async (status) => {
    const { fetchText, asked } = await upstream({ status });
    expect(await fetchText('/a')).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  test('requested where a redirect leads', async () => {
    const { fetchText } = await upstream({ status: 302, headers: { location: '/b' } }, found);
    expect(await fetchText('/a')).toBe('a list');
  });
});

describe('rejected is', () => {
  test.each<[what: string, code: string, problem: string, requests: number, line: Line]>([
    ['a response that stays 500', 'UNREACHABLE', '/a answered 500 (5 tries)', 5, { status: 500 }],
    ['more than 5 MB', 'TOO_LARGE', '', 1, { status: 200, body: 'x'.repeat(5_000_001) }],
    [
      'a redirect to plain http',
      'UNSAFE',
      '',
      1,
      { status: 302, headers: { location: 'http://a.test/' } },
    ],
  ])('%s', async (_, code, problem, requests, line) => {
    const { fetchText, asked } = await upstream(line);
    await expect(fetchText('/a')).rejects.toMatchObject({
      code: `SOURCE_${code}`,
      problem: expect.stringContaining(problem) as unknown,
    });
    expect(asked).toHaveLength(requests);
  });

  test('plain http, except to this machine', async () => {
    const fetching = textFetcher()('http://a.test/list');
    await expect(fetching).rejects.toMatchObject({ code: 'SOURCE_UNSAFE' });
  });
});

test('a host that breaks off every time gets no further requests', async () => {
  const { fetchText, asked } = await upstream((_, response) => {
    response.destroy();
    return undefined;
  });
  await expect(fetchText('/a')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  const problem: unknown = expect.stringContaining('was not tried, since another failed');
  await expect(fetchText('/b')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', problem });
  expect(asked).toHaveLength(5);
});

test.each<[string, boolean, Line]>([
  ['is there with 206', true, { status: 206, body: 'x' }],
  ['is there with all of it', true, { status: 200, body: 'x'.repeat(100_000) }],
  ['is not there with 404', false, { status: 404 }],
  ['is not there with 410', false, { status: 410 }],
  // So says object storage of what is not there to whoever may not list it.
  ['is not there with 403', false, { status: 403 }],
  ['is not there with 401', false, { status: 401 }],
  ['is not there with 200 and nothing in it', false, { status: 200 }],
  ['is not there with 416, which has no first byte', false, { status: 416 }],
  ['counts as there with 503', true, { status: 503 }],
  ['counts as there without a response', true, breaksOff],
])('a file %s', async (_, expected, line) => {
  const { origin, asked } = await scriptedServer(line);
  const isThere = fileProbe({ sleep: () => Promise.resolve() });
  expect(await isThere(`${origin}/disk.qcow2`)).toBe(expected);
  expect(asked[0]).toMatchObject({ method: 'GET', headers: { range: 'bytes=0-0' } });
});

import { describe, expect, test } from 'vitest';
import { askUpstream } from '../../../src/refresh/lookup/ask-upstream.ts';
import { scriptedServer, type Line } from '../../registry/scripted-server.ts';

/** Asks a server with these lines, without ever waiting; `waits` are those that there would be. */
async function upstream(...script: [Line, ...Line[]]) {
  const waits: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));
  const { origin, asked } = await scriptedServer(...script);
  const ask = askUpstream({ sleep, timeout: 1000 });
  return { ask: (path: string) => ask(origin + path), asked, waits };
}

const found = { status: 200, body: 'a list' };
const breaksOff: Line = (_, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('a l');
  setTimeout(() => response.destroy(), 20);
  return undefined;
};

describe('a text is', () => {
  test('asked for once, however many want it', async () => {
    const { ask, asked } = await upstream(found);
    expect(await Promise.all([ask('/a'), ask('/a'), ask('/b')])).toEqual(Array(3).fill('a list'));
    expect(asked.map(({ url }) => url).toSorted()).toEqual(['/a', '/b']);
  });

  test.each([404, 410])(
    'absent where the server says %i, and is not asked for again',
    async (no) => {
      const { ask, asked } = await upstream({ status: no });
      expect(await ask('/a')).toBeUndefined();
      expect(asked).toHaveLength(1);
    },
  );

  test.each([
    ['500', { status: 500 }],
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
    ['an answer that breaks off', breaksOff],
  ])('asked for again after %s', async (_, first) => {
    const { ask, waits } = await upstream(first, found);
    expect(await ask('/a')).toBe('a list');
    expect(waits).toHaveLength(1);
  });

  test('followed where the server has it elsewhere', async () => {
    const { ask } = await upstream({ status: 302, headers: { location: '/b' } }, found);
    expect(await ask('/a')).toBe('a list');
  });
});

describe('refused is', () => {
  test('an answer that stays 500, with the address and how often it was asked', async () => {
    const { ask } = await upstream({ status: 500 });
    const problem: unknown = expect.stringMatching(/\/a answered 500 \(5 tries\)$/);
    await expect(ask('/a')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', problem });
  });

  test('an answer that does not come in time', async () => {
    const { ask } = await upstream(found);
    const silent = await scriptedServer(() => undefined);
    const slow = askUpstream({ sleep: () => Promise.resolve(), timeout: 50 });
    await expect(slow(`${silent.origin}/a`)).rejects.toMatchObject({
      problem: expect.stringContaining('no answer in time') as unknown,
    });
    expect(await ask('/a')).toBe('a list');
  });

  test('more than 5 MB', async () => {
    const { ask, asked } = await upstream({ status: 200, body: 'x'.repeat(5_000_001) });
    await expect(ask('/a')).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    expect(asked).toHaveLength(1);
  });

  test('plain http, but to this machine, and a redirect to it', async () => {
    const { ask, asked } = await upstream({
      status: 302,
      headers: { location: 'http://a.test/' },
    });
    await expect(ask('/a')).rejects.toMatchObject({ code: 'SOURCE_UNSAFE' });
    expect(asked).toHaveLength(1);
    const http = askUpstream()('http://a.test/list');
    await expect(http).rejects.toMatchObject({ code: 'SOURCE_UNSAFE' });
  });
});

test('a host that breaks off every time is not asked for anything else', async () => {
  const { ask, asked } = await upstream((_, response) => {
    response.destroy();
    return undefined;
  });
  await expect(ask('/a')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  const problem: unknown = expect.stringContaining('was not tried, since another failed');
  await expect(ask('/b')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', problem });
  expect(asked).toHaveLength(5);
});

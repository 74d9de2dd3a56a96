import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { download } from '../../src/disk/download.ts';
import { realWorld, type World } from '../../src/disk/world.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { checksumOf, diskFailure } from './disk-workshop.ts';

const CONTENT = 'a disk of no great size';
const FOUND = { status: 200, body: CONTENT };
const checksum = checksumOf(CONTENT);

/** A download whose waits take no time and are written down, in milliseconds. */
function downloader(world: Partial<World> = {}) {
  const folder = join(temporaryFolder(), 'downloads');
  const waits: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));
  const get = (url: string, sum = checksum, authorization?: string) =>
    download({ url, checksum: sum, authorization }, folder, realWorld({ sleep, ...world }));
  return { folder, waits, get, kept: () => readdirSync(folder) };
}

const FILE = checksum.replace(':', '-');

test('what is downloaded is kept by its checksum, and nobody is asked again', async () => {
  const server = await scriptedServer(FOUND);
  const { folder, get, kept } = downloader();
  const file = await get(`${server.origin}/a.qcow2`);
  expect(file).toBe(join(folder, FILE));
  expect(readFileSync(file, 'utf8')).toBe(CONTENT);
  expect(statSync(file).mode & 0o777).toBe(0o444);
  utimesSync(file, 0, 0);
  expect(await get('http://127.0.0.1:1/elsewhere')).toBe(file);
  expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(60_000);
  expect(server.asked).toHaveLength(1);
  expect(kept()).toEqual([FILE]);
});

test('a SHA-512 is checked as well', async () => {
  const server = await scriptedServer(FOUND);
  const { get } = downloader();
  await get(server.origin, checksumOf(CONTENT, 'sha512'));
  const failure = await diskFailure(get(server.origin, checksumOf('another', 'sha512')));
  expect(failure.code).toBe('CHECKSUM_MISMATCH');
});

test('a wrong checksum fails at once, names both sums and no secret, and leaves nothing', async () => {
  const server = await scriptedServer({ status: 200, body: 'something else' });
  const { get, kept } = downloader();
  const url = `${server.origin.replace('//', '//me:secret@')}/a?signature=secret`;
  const failure = await diskFailure(get(url));
  expect(failure.code).toBe('CHECKSUM_MISMATCH');
  expect(failure.message).toContain(`${server.origin}/a is ${checksumOf('something else')}, not `);
  expect(failure.message).toContain(checksum);
  expect(failure.message).not.toContain('secret');
  expect(server.asked).toHaveLength(1);
  expect(kept()).toEqual([]);
});

test('a kept file that was damaged is downloaded anew', async () => {
  const server = await scriptedServer(FOUND);
  const { folder, get } = downloader();
  mkdirSync(folder);
  writeFileSync(join(folder, FILE), 'damaged');
  expect(readFileSync(await get(server.origin), 'utf8')).toBe(CONTENT);
});

/** Half of what it promises, and the end. */
const truncated: Line = (_, response) => {
  response.writeHead(200, { 'content-length': String(2 * CONTENT.length) });
  response.write(CONTENT);
  // A reader may throw away what it has not taken yet.
  setTimeout(() => response.destroy(), 200);
  return undefined;
};

/** Half of what it promises, and silence. */
const stalled = (_: unknown, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': String(2 * CONTENT.length) });
  response.write(CONTENT);
  return undefined;
};

/** A byte now and then, for as long as somebody reads. */
const dripping = (_: unknown, response: ServerResponse) => {
  response.writeHead(200);
  const drip = setInterval(() => response.write('.'), 10);
  response.on('close', () => {
    clearInterval(drip);
  });
  return undefined;
};

const BUSY = { status: 503, headers: { 'retry-after': '60' } };

const SIZED = { ...FOUND, headers: { 'content-length': String(CONTENT.length) } };

test.each<[string, Line, Partial<World>, number, RegExp]>([
  ['is gone', { status: 404 }, {}, 1, /^DOWNLOAD_FAILED .*\/a answered 404; correct the URL, or/],
  ['is denied', { status: 403 }, {}, 1, /^DOWNLOAD_FAILED .*\/a answered 403; let this machine/],
  ['is refused for now', { status: 503 }, {}, 5, /^DOWNLOAD_FAILED .*\/a answered 503; try again/],
  ['breaks off', truncated, {}, 5, /^TRUNCATED_DOWNLOAD .*broke off after 23 of 46 bytes/],
  [
    'falls silent',
    stalled,
    { idleTimeout: 250 },
    5,
    /^TRUNCATED.*nothing came any more \(5 tries\)/,
  ],
  ['never begins', () => undefined, { idleTimeout: 250 }, 5, /^DOWNLOAD_FAILED .*can't be reached/],
  ['drips', dripping, { longestDownload: 500 }, 1, /^DOWNLOAD_FAILED .*\/a took more than 0.5 s/],
  [
    'has no end',
    dripping,
    { largestDownload: 5 },
    1,
    /^DOWNLOAD_FAILED .*\/a has more than 5 bytes/,
  ],
  [
    'says that it is too large',
    SIZED,
    { largestDownload: 22 },
    1,
    /^DOWNLOAD_FAILED .* than 22 bytes/,
  ],
  [
    'waits for long',
    BUSY,
    { longestDownload: 500, sleep: undefined },
    1,
    /^DOWNLOAD_FAILED .*than 0.5 s/,
  ],
  ['does not fit', SIZED, { freeSpace: () => Promise.resolve(22) }, 1, /^NO_SPACE /],
])('a download that %s is an error that leaves nothing', async (_, line, world, tries, message) => {
  const server = await scriptedServer(line);
  const { get, kept } = downloader(world);
  expect((await diskFailure(get(`${server.origin}/a`))).message).toMatch(message);
  expect(server.asked).toHaveLength(tries);
  expect(kept()).toEqual([]);
});

test('a server that is not there can not be reached', async () => {
  const failure = await diskFailure(downloader().get('http://127.0.0.1:1/'));
  expect(failure.problem).toContain("can't be reached: connect ECONNREFUSED");
});

test('a 503 and a 429 are waited out, as long as they ask for, and a break is tried again', async () => {
  const server = await scriptedServer(
    { status: 503, headers: { 'retry-after': '7' } },
    { status: 429, headers: { 'retry-after': '3' } },
    truncated,
    FOUND,
  );
  const { get, kept, waits } = downloader();
  await get(server.origin);
  expect(waits).toEqual([7000, 3000, expect.any(Number)]);
  expect(kept()).toEqual([FILE]);
});

test('slow but steady is no silence', async () => {
  const server = await scriptedServer((_, response) => {
    response.writeHead(200, { 'content-length': String(CONTENT.length) });
    const letters = Array.from(CONTENT);
    const timer = setInterval(() => {
      response.write(letters.shift());
      if (letters.length > 0) return;
      clearInterval(timer);
      response.end();
    }, 25);
    return undefined;
  });
  const { get, waits } = downloader({ idleTimeout: 500 });
  await get(server.origin); // 23 letters × 25 ms = 575 ms
  expect(waits).toEqual([]);
});

test('redirects are followed, and a header stays with its server', async () => {
  const mirror = await scriptedServer(FOUND);
  const server = await scriptedServer(
    { status: 301, headers: { location: '/b' } },
    { status: 302, headers: { location: `${mirror.origin}/c` } },
  );
  const url = `${server.origin.replace('//', '//me:s%40crt@')}/a?b=c`;
  await downloader().get(url, undefined, 'Bearer tok3n');
  expect(server.asked.map(({ url: asked }) => asked)).toEqual(['/a?b=c', '/b']);
  const authorizations = [...server.asked, ...mirror.asked].map((one) => one.headers.authorization);
  expect(authorizations).toEqual(['Bearer tok3n', 'Bearer tok3n', undefined]);
});

test('several at once do not get in the way of each other', async () => {
  const server = await scriptedServer(FOUND);
  const { get, kept } = downloader();
  const files = await Promise.all([1, 2, 3].map(() => get(server.origin)));
  expect(new Set(files).size).toBe(1);
  expect(kept()).toEqual([FILE]);
});

test('a run that is cancelled stops at once and leaves nothing', async () => {
  const cancellation = new AbortController();
  const reason = new Error('cancelled');
  const server = await scriptedServer((request, response) => {
    setTimeout(() => {
      cancellation.abort(reason);
    }, 20);
    stalled(request, response);
    return undefined;
  });
  const { get, kept } = downloader({ signal: cancellation.signal });
  await expect(get(server.origin)).rejects.toBe(reason);
  expect(server.asked).toHaveLength(1);
  expect(kept()).toEqual([]);
});

test('a large file of a server that hangs up when all is said arrives whole', async () => {
  const large = new Uint8Array(8 * 1024 * 1024).fill(7);
  const server = await scriptedServer({
    status: 200,
    headers: { connection: 'close', 'content-length': String(large.byteLength) },
    body: large,
  });
  const { get } = downloader();
  const file = await get(server.origin, checksumOf(large));
  expect(existsSync(file)).toBe(true);
});

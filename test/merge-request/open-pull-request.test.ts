import { expect, test } from 'vitest';
import { HostError } from '../../src/merge-request/host-api.ts';
import { openPullRequest } from '../../src/merge-request/open-pull-request.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { rejection } from '../support/fixtures.ts';

const NONE = { status: 200, body: '[]' };
const PULL = {
  number: 7,
  state: 'open',
  html_url: 'https://github.test/pull/7',
  head: { sha: 'a' },
};
const OPENED = { status: 201, body: JSON.stringify(PULL) };
const LIMIT = { status: 403, headers: { 'retry-after': '1' }, body: '{"message":"rate limit"}' };
const SPENT = { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: '{}' };

/** Opens a pull request at a host with these lines, without ever waiting. */
async function open(...script: [Line, ...Line[]]) {
  const { origin: api, asked } = await scriptedServer(...script);
  const waits: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(waits.push(milliseconds));
  const text = { head: 'images-refresh', base: 'main', title: 't', body: 'b' };
  const access = { api, repository: 'some/project', token: 'tok3n' };
  const opening = openPullRequest(access, text, 'a', { sleep, mostTries: 3 });
  return { opening, asked, waits };
}

test.each<[string, [Line, ...Line[]], string]>([
  ['the list', [LIMIT, NONE, OPENED], 'GET GET POST'],
  ['the pull request', [NONE, SPENT, NONE, OPENED], 'GET POST GET POST'],
])('a rate limit that comes as 403 for %s is waited for', async (_, script, methods) => {
  const { opening, asked, waits } = await open(...script);
  expect(await opening).toEqual({ state: 'opened', url: PULL.html_url });
  expect(asked.map(({ method }) => method).join(' ')).toBe(methods);
  expect(waits).toHaveLength(1);
});

test('a rate limit that stays is no refusal, and a 403 without one is not sent again', async () => {
  const limited = await open(LIMIT);
  expect((await rejection(limited.opening, HostError)).code).toBe('GITHUB_UNREACHABLE');
  const refused = await open({ status: 403, body: '{"message":"no"}' });
  expect((await rejection(refused.opening, HostError)).code).toBe('GITHUB_REFUSED');
  expect(refused.asked).toHaveLength(1);
});

test.each<[string, Line, string]>([
  ['401', { status: 401, body: '{"message":"Bad credentials"}' }, 'GITHUB_REFUSED'],
  ['404', { status: 404, body: '{"message":"Not Found"}' }, 'GITHUB_REFUSED'],
  ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'GITHUB_REFUSED'],
  ['502 in HTML', { status: 502, body: '<html>' }, 'GITHUB_UNREACHABLE'],
  ['no JSON', { status: 200, body: '<html>' }, 'GITHUB_REFUSED'],
  ['no response', (_, response) => void response.destroy(), 'GITHUB_UNREACHABLE'],
  [
    '422 without an open pull request',
    ({ method }) => (method === 'GET' ? NONE : { status: 422, body: '{}' }),
    'GITHUB_REFUSED',
  ],
])('%s of GitHub is a failure, and takes the token nowhere else', async (_, line, code) => {
  const { opening, asked } = await open(line);
  expect((await rejection(opening, HostError)).code).toBe(code);
  expect(asked.some(({ url }) => url.endsWith('/elsewhere'))).toBe(false);
});

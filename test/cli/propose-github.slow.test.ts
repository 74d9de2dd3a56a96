import { describe, expect, test, vi } from 'vitest';
import * as fixture from './propose-fixture.ts';
import { scriptedServer, type Line, type Reply } from '../registry/scripted-server.ts';

const { FILE, NEW, NEWER, OLD, propose } = fixture;
const BRANCH = fixture.BRANCHES['merge-request'];
const PULLS = '/api/v3/repos/some/project/pulls';

// The server closes a connection that is idle for long, as it is while git blocks this process.
const headers = { connection: 'close' };
const json = (status: number, body: unknown): Reply => {
  return { status, headers, body: JSON.stringify(body) };
};
const pull = (number: number, state: string, sha = '0'.repeat(40)) => {
  return { number, state, html_url: `https://github.test/pull/${number}`, head: { sha } };
};
const NONE = json(200, []);
const OPENED = json(201, pull(7, 'open'));
const UPDATED = json(200, {});

/** In a job of GitHub Actions, whose API responds with the script in order. */
async function onGithub(...script: [Line, ...Line[]]) {
  const all = fixture.proposing('merge-request', 'detached checkout of a shallow clone');
  const { origin, asked } = await scriptedServer(...script);
  vi.stubEnv('GITHUB_ACTIONS', 'true');
  vi.stubEnv('GITHUB_REF_NAME', 'main');
  vi.stubEnv('GITHUB_API_URL', `${origin}/api/v3`);
  vi.stubEnv('GITHUB_REPOSITORY', 'some/project');
  vi.stubEnv('GITHUB_TOKEN', 'tok3n');
  const requests = () => asked.map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`);
  return { ...all, asked, requests };
}

describe('on GitHub, a refresh that is proposed', () => {
  test('gets a pull request that lists its changes', async () => {
    const { root, start, asked, requests } = await onGithub(NONE, OPENED);
    const { status, stdout, stderr } = await propose(root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Pull request opened: https://github.test/pull/7\n');
    expect(requests()).toEqual([`GET ${PULLS}`, `POST ${PULLS}`]);
    const query = new URL(asked[0]?.url ?? '', 'http://host').searchParams;
    const wanted = { head: `some:${BRANCH}`, base: 'main', state: 'all' };
    expect(Object.fromEntries(query)).toMatchObject(wanted);
    expect(asked[1]?.headers.authorization).toBe('Bearer tok3n');
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
      head: BRANCH,
      base: 'main',
      title: `Refresh 1 value of ${FILE}`,
      body: expect.stringContaining(`${OLD} → ${NEW}`) as unknown,
    });
    fixture.expectCheckout(root, start, OLD);
  });

  test('brings the pull request that is open up to date', async () => {
    const { root, asked, requests } = await onGithub(json(200, [pull(3, 'open')]), UPDATED);
    const { status, stdout } = await propose(root, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      pullRequest: { state: 'updated', url: 'https://github.test/pull/3' },
      changes: [{ path: 'images[0].base', images: ['debian-12'], from: OLD, to: NEW }],
    });
    expect(requests()).toEqual([`GET ${PULLS}`, `PATCH ${PULLS}/3`]);
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({ title: `Refresh 1 value of ${FILE}` });
  });

  test('takes the pull request that another run opened just now', async () => {
    const exists = json(422, { message: 'Validation Failed' });
    const { root } = await onGithub(NONE, exists, json(200, [pull(8, 'open')]), UPDATED);
    const { stdout } = await propose(root);
    expect(stdout).toContain('Pull request updated: https://github.test/pull/8');
  });

  test('stays closed where somebody closed it, until something else is proposed', async () => {
    let pulls: unknown[] = [];
    const { root, tip, requests } = await onGithub(({ method }) =>
      method === 'GET' ? json(200, pulls) : OPENED,
    );
    await propose(root);
    pulls = [pull(7, 'closed', tip(BRANCH))];
    fixture.refreshTo(root, NEW);
    const { status, stdout } = await propose(root);
    expect(status).toBe(0);
    expect(stdout).toContain('stays closed: https://github.test/pull/7');
    fixture.refreshTo(root, NEWER);
    await propose(root);
    const methods = requests().map((each) => each.split(' ')[0]);
    expect(methods.join(' ')).toBe('GET POST GET GET POST');
  });

  test('gets its pull request by the next run, where this one could not open it', async () => {
    const refusal = json(403, { message: 'Actions may not create pull requests; tok3n' });
    const { root, start, tip, requests } = await onGithub(NONE, refusal, NONE, OPENED);
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^GITHUB_REFUSED {2}GitHub says 403 to POST .*may not create.*\*\*\*; give the token/m,
    );
    fixture.expectCheckout(root, start, OLD);
    const commit = tip(BRANCH);
    fixture.refreshTo(root, NEW);
    const { stdout } = await propose(root);
    expect(stdout).toMatch(/already proposed[^]*Pull request opened/);
    expect(tip(BRANCH)).toBe(commit);
    expect(requests()).toHaveLength(4);
  });
});

test('all variables that GitHub needs are asked for at once, before anything is pushed', async () => {
  const { root, server, requests, read } = await onGithub(NONE);
  vi.stubEnv('GITHUB_TOKEN', undefined);
  vi.stubEnv('GITHUB_REPOSITORY', 'project');
  vi.stubEnv('GITHUB_API_URL', 'http://github.test');
  const { stderr } = await propose(root);
  expect(stderr.match(/^[A-Z_]+$/gm)).toEqual([
    'GITHUB_TOKEN_MISSING',
    'GITHUB_REPOSITORY_MISSING',
    'GITHUB_API_UNSAFE',
  ]);
  expect(requests()).toEqual([]);
  expect(server.git('branch', '--list', BRANCH)).toBe('');
  expect(read()).toContain(NEW);
});

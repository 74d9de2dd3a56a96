import { describe, expect, test } from 'vitest';
import type { Environment } from '../../src/environment.ts';
import { HostError } from '../../src/merge-request/host-api.ts';
import { markerOf, putNote } from '../../src/merge-request/notes.ts';
import { noteTarget } from '../../src/merge-request/note-target.ts';
import { scriptedServer, type Asked, type Reply } from '../registry/scripted-server.ts';
import { known, rejection } from '../support/fixtures.ts';

const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });

/** A host that keeps notes, as GitLab and GitHub do; `refuse` answers in its place. */
async function host(refuse: (asked: Asked, count: number) => Reply | undefined = () => undefined) {
  const notes: { id: number; body: string; author: { id: number } }[] = [];
  let count = 0;
  const { origin, asked } = await scriptedServer((one) => {
    const refusal = refuse(one, (count += 1));
    if (refusal !== undefined) return refusal;
    const url = new URL(one.url, 'http://host');
    const { body = '' } = (one.body === '' ? {} : JSON.parse(one.body)) as { body?: string };
    if (url.pathname.endsWith('/user')) return json(200, { id: 1, username: 'bot' });
    if (one.method === 'GET') {
      const page = Number(url.searchParams.get('page'));
      return json(200, notes.slice((page - 1) * 100, page * 100));
    }
    if (one.method === 'POST') {
      notes.push({ id: notes.length + 1, body, author: { id: 1 } });
      return json(201, {});
    }
    const note = notes.find(({ id }) => id === Number(url.pathname.split('/').at(-1)));
    if (note === undefined) return json(404, { message: 'none' });
    note.body = body;
    return json(200, {});
  });
  return { notes, origin, asked };
}

const gitlab = (origin: string) => ({
  CI_API_V4_URL: `${origin}/api/v4`,
  CI_PROJECT_ID: '42',
  CI_MERGE_REQUEST_IID: '7',
  GITLAB_TOKEN: 'tok3n',
});
const github = (origin: string) => ({
  GITHUB_API_URL: origin,
  GITHUB_REPOSITORY: 'some/project',
  GITHUB_TOKEN: 'tok3n',
  GITHUB_REF: 'refs/pull/7/merge',
});

function put(environment: Environment, stack: string, text: string, mostTries = 3) {
  const sleep = () => Promise.resolve();
  return putNote(known(noteTarget(environment)), stack, text, { mostTries, sleep });
}

describe.each([
  ['GitLab', gitlab, '/api/v4/projects/42/merge_requests/7/notes', 'private-token', 'tok3n'],
  ['GitHub', github, '/repos/some/project/issues/7/comments', 'authorization', 'Bearer tok3n'],
] as const)('on %s', (name, environment, path, header, token) => {
  test('a merge request gets one note, which the second run edits', async () => {
    const { notes, origin, asked } = await host();
    expect(await put(environment(origin), 'prod', 'one')).toBe('posted');
    expect(await put(environment(origin), 'prod', 'two')).toBe('edited');
    expect(notes.map(({ body }) => body)).toEqual([`${markerOf('prod')}\ntwo`]);
    expect(asked.find(({ method }) => method === 'POST')?.url).toBe(path);
    expect(asked.map(({ headers }) => headers[header])).toEqual(asked.map(() => token));
  });

  test('each stack has a note of its own, also after hundreds of others', async () => {
    const { notes, origin } = await host();
    for (let id = 1; id <= 250; id += 1) notes.push({ id, body: 'hello', author: { id: 2 } });
    await put(environment(origin), 'prod', 'one');
    await put(environment(origin), 'staging', 'two');
    expect(await put(environment(origin), 'prod', 'three')).toBe('edited');
    expect(notes.slice(250).map(({ body }) => body.split('\n')[1])).toEqual(['three', 'two']);
  });

  test.each([
    json(429, {}),
    { ...json(403, { message: 'secondary rate limit' }), headers: { 'retry-after': '1' } },
  ])('what is better later is tried again, without a second note', async (limit) => {
    const { notes, origin } = await host((_, count) =>
      count === 1 ? json(502, {}) : count === 2 ? limit : undefined,
    );
    expect(await put(environment(origin), 'prod', 'one')).toBe('posted');
    expect(notes).toHaveLength(1);
  });

  test.each([
    ['stays away', json(500, { message: 'tok3n' }), 3, 'UNREACHABLE .* 500 to .*\\*\\*\\*'],
    ['refuses', json(403, { message: 'no, tok3n' }), 1, 'REFUSED .*no, \\*\\*\\*'],
    ['is none', { status: 200, body: '<html>' }, 1, 'REFUSED .*of another form'],
  ])('a host that %s is named, and the token is not shown', async (_, reply, tries, message) => {
    const { asked, origin } = await host(() => reply);
    const failure = await rejection(put(environment(origin), 'prod', 'x'), HostError);
    expect(failure.message).toMatch(new RegExp(`^${name.toUpperCase()}_${message}`));
    expect(asked).toHaveLength(tries);
  });
});

test('on GitLab, a note of somebody else with the same marker is left alone', async () => {
  const { notes, origin } = await host();
  notes.push({ id: 1, body: markerOf('prod'), author: { id: 2 } });
  expect(await put(gitlab(origin), 'prod', 'one')).toBe('posted');
  expect(notes[0]?.body).toBe(markerOf('prod'));
});

test('on GitHub, a comment with the marker that may not be edited is left alone', async () => {
  const { notes, origin } = await host(({ method }) =>
    method === 'PATCH' ? json(403, { message: 'not yours' }) : undefined,
  );
  notes.push({ id: 1, body: markerOf('prod'), author: { id: 2 } });
  expect(await put(github(origin), 'prod', 'one')).toBe('posted');
});

test('a pipeline of a branch has no merge request', () => {
  expect(noteTarget({ GITHUB_REF: 'refs/heads/main', GITLAB_CI: 'true' })).toBeUndefined();
});

test.each([
  [
    { CI_MERGE_REQUEST_IID: '7', CI_API_V4_URL: 'http://gitlab.test/api/v4' },
    /GITLAB_TOKEN_MISSING[^]*GITLAB_API_UNSAFE[^]*GITLAB_PROJECT_MISSING/,
  ],
  [{ GITHUB_REF: 'refs/pull/7/merge' }, /GITHUB_TOKEN_MISSING[^]*GITHUB_REPOSITORY_MISSING/],
])('all that a merge request lacks is named at once: %j', (environment, problems) => {
  expect(() => noteTarget(environment)).toThrow(problems);
});

test('a response without an end is an error, and is not held in memory', async () => {
  const piece = Buffer.alloc(1_000_000, 'x');
  const { origin } = await scriptedServer((_, response) => {
    const write = () => {
      while (response.write(piece));
    };
    response.writeHead(200).on('drain', write);
    write();
    return undefined;
  });
  const error = /GITLAB_UNREACHABLE.*more than 100000000 bytes/;
  await expect(put(gitlab(origin), 'prod', 'text', 1)).rejects.toThrow(error);
});

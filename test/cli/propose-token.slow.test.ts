import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { env, execPath } from 'node:process';
import { expect, test, vi } from 'vitest';
import { OLD, proposing, propose } from './propose-fixture.ts';
import { git } from '../git/git-repository.ts';
import { httpRemote } from '../git/http-remote.ts';
import { basicAuthorization } from '../../src/url.ts';

/** A server that takes one token, and a checkout that has another one for it, as pipelines leave it. */
async function withServer() {
  const all = proposing('commit', 'detached checkout of a shallow clone');
  all.server.git('config', 'http.receivepack', 'true');
  const good = basicAuthorization('x-access-token', 's3cret-token');
  const remote = await httpRemote(all.server.root, good);
  const stale = `Authorization: ${basicAuthorization('x-access-token', 'stale')}`;
  git(all.root, ['config', `http.${new URL(remote.address).origin}/.extraHeader`, stale]);
  git(all.root, ['remote', 'set-url', 'origin', remote.address.replace('//', '//me:old-s3cret@')]);
  return { ...all, ...remote, good };
}

/** In a process of its own: git is waited for, and the server is in this one. */
async function proposeApart(root: string, token: string) {
  return new Promise<{ status: number; printed: string }>((tell) => {
    const options = { cwd: root, env: { ...env, IMAGES_PUSH_TOKEN: token } };
    const args = [resolve('src/cli/images.ts'), 'propose', '--branch', 'main'];
    const child = execFile(execPath, args, options, (_, stdout, stderr) => {
      tell({ status: child.exitCode ?? -1, printed: stdout + stderr });
    });
  });
}

test('IMAGES_PUSH_TOKEN is what the server sees, in place of what the checkout has', async () => {
  const { root, start, tip, authorizations, good } = await withServer();
  const { status, printed } = await proposeApart(root, 's3cret-token');
  expect({ status, printed }).toMatchObject({ status: 0 });
  expect(tip('main')).not.toBe(start);
  expect(new Set(authorizations.map((each) => each.join()))).toEqual(new Set([good]));
  expect(git(root, ['config', '--list'])).not.toContain('s3cret-token');
});

test('a token that the server does not take is no part of what is printed', async () => {
  const { root, start, tip, read } = await withServer();
  const { status, printed } = await proposeApart(root, 'wr0ng-token');
  expect(status).toBe(1);
  expect(printed).toContain('PUSH_UNAUTHORIZED');
  const wrong = basicAuthorization('x-access-token', 'wr0ng-token').replace('Basic ', '');
  for (const secret of ['wr0ng-token', wrong, 'old-s3cret']) expect(printed).not.toContain(secret);
  expect(tip('main')).toBe(start);
  expect(read()).toContain(OLD);
});

test.each(['http://git.example.org/a.git', 'ssh://git@example.org/a.git'])(
  'IMAGES_PUSH_TOKEN is not sent to %s',
  async (address) => {
    const { root } = proposing('commit');
    git(root, ['remote', 'set-url', '--push', 'origin', address]);
    vi.stubEnv('IMAGES_PUSH_TOKEN', 's3cret-token');
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^PUSH_TOKEN_UNSAFE\n/);
    expect(stderr).not.toContain('s3cret-token');
  },
);

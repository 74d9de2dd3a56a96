import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Registry } from '../../src/image-reference.ts';
import { withDockerLogin } from '../../src/verify/with-docker-login.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const REGISTRY = 'registry.test' as Registry;
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

async function logIn(credentials: Parameters<typeof withDockerLogin>[1], env: NodeJS.ProcessEnv) {
  let used = '';
  const config = await withDockerLogin(REGISTRY, credentials, env, (own) => {
    used = join(own['DOCKER_CONFIG'] ?? '', 'config.json');
    expect(statSync(used).mode & 0o777).toBe(0o600);
    return Promise.resolve(JSON.parse(readFileSync(used, 'utf8')) as unknown);
  });
  expect(existsSync(dirname(used))).toBe(false);
  return config;
}

const ALICE = { username: 'alice', password: 'a:b' };
const AUTH = Buffer.from('alice:a:b').toString('base64');

test('Docker is logged in to that registry alone, and what else its config says stays', async () => {
  const helpers = { credsStore: 'desktop', credHelpers: { 'registry.test': 'x' } };
  const others = { currentContext: 'build', auths: { 'other.test': { auth: 'eA==' } } };
  const before = JSON.stringify({ ...helpers, ...others });
  writeFileSync(join(folder, 'config.json'), before);
  expect(await logIn(ALICE, { DOCKER_CONFIG: folder })).toEqual({
    currentContext: 'build',
    auths: { 'registry.test': { auth: AUTH } },
  });
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(before);
});

test('without a config of its own, and with a token', async () => {
  const env = { HOME: join(folder, 'nobody') };
  expect(await logIn({ identityToken: 'token' }, env)).toEqual({
    auths: { 'registry.test': { identitytoken: 'token' } },
  });
});

test('a config that can not be read is named, and not quoted', async () => {
  writeFileSync(join(folder, 'config.json'), '{ "auths": secret');
  const failure = logIn(ALICE, { DOCKER_CONFIG: folder });
  await expect(failure).rejects.toThrow(
    /^DOCKER_CONFIG .*config\.json is not a Docker config; correct it/,
  );
  await expect(failure).rejects.not.toThrow(/secret/);
});

test('nothing of the login stays when the work fails', async () => {
  let used = '';
  const failing = withDockerLogin(REGISTRY, ALICE, { HOME: folder }, (env) => {
    used = env['DOCKER_CONFIG'] ?? '';
    return Promise.reject(new Error('no network'));
  });
  await expect(failing).rejects.toThrow('no network');
  expect(used).not.toBe('');
  expect(existsSync(used)).toBe(false);
});

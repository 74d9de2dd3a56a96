import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseRegistry } from '../../src/image-reference.ts';
import { credentialsFor } from '../../src/registry/credentials.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';
import { failureOf } from './client-of.ts';

const SECRET = 'open sesame';
const AUTH = Buffer.from(`ci:${SECRET}`).toString('base64');
const ACCOUNT = { username: 'ci', password: SECRET };
const HOST = 'registry.example:5000';
const DOCKER_HUB = 'https://index.docker.io/v1/';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** Writes a Docker config, and looks up the account for a host. */
function find(config: unknown, host = HOST, more: NodeJS.ProcessEnv = {}) {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  writeFileSync(join(folder, 'config.json'), text);
  return look(host, more);
}

function look(host = HOST, more: NodeJS.ProcessEnv = {}) {
  const env = { ...more, DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return credentialsFor(known(parseRegistry(host)), env);
}

/** A credential helper that writes down what it was asked, on which of its inputs. */
function installHelper(name: string, script: string): void {
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\nserver=$(cat)\n${script}\n`);
  chmodSync(file, 0o755);
}

describe('an account in the file', () => {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  test.each([
    ['is found as base64', { [HOST]: { auth: AUTH } }, ACCOUNT],
    ['is found as user name and password', { [HOST]: ACCOUNT }, ACCOUNT],
    ['is found under an address', { [`https://${HOST}/v2/`]: { auth: AUTH } }, ACCOUNT],
    [
      'is found among others',
      { 'registry.example': { auth: 'eDp5' }, [HOST]: { auth: AUTH } },
      ACCOUNT,
    ],
    [
      'keeps the colons of a password',
      { [HOST]: { auth: encoded('ci:a:b:') } },
      { username: 'ci', password: 'a:b:' },
    ],
    [
      'may be an identity token',
      { [HOST]: { auth: AUTH, identitytoken: 'id-t0ken' } },
      { identityToken: 'id-t0ken' },
    ],
    ['of another registry is none', { 'other.example': { auth: AUTH } }, undefined],
    ['on another port is none', { 'registry.example': { auth: AUTH } }, undefined],
    ['left empty is none', { [HOST]: {} }, undefined],
    ['is none in an empty config', undefined, undefined],
  ])('%s', async (_, auths, account) => {
    expect(await find({ auths })).toEqual(account);
  });

  test.each(['docker.io', 'index.docker.io', 'registry-1.docker.io'])(
    "of Docker Hub is found for %s under docker login's old key",
    async (host) => {
      expect(await find({ auths: { [DOCKER_HUB]: { auth: AUTH } } }, host)).toEqual(ACCOUNT);
    },
  );

  test.each(['docker.io', 'index.docker.io/v1/', 'https://registry-1.docker.io/v2/'])(
    'of Docker Hub may have the name %s, as other programs write it',
    async (name) => {
      expect(await find({ auths: { [name]: { auth: AUTH } } }, 'docker.io')).toEqual(ACCOUNT);
      expect(await find({ auths: { 'x.docker.io': { auth: AUTH } } }, 'docker.io')).toBe(undefined);
    },
  );

  test('may be filled up with zero bytes, and have no padding', async () => {
    const auth = encoded(`ci:${SECRET}\0\0`).replace(/=+$/, '');
    expect(await find({ auths: { [HOST]: { auth } } })).toEqual(ACCOUNT);
  });

  test('is looked for in ~/.docker without DOCKER_CONFIG', async () => {
    const home = folder;
    folder = join(home, '.docker');
    mkdirSync(folder);
    await find({ auths: { [HOST]: { auth: AUTH } } });
    const registry = known(parseRegistry(HOST));
    expect(await credentialsFor(registry, { HOME: home })).toEqual(ACCOUNT);
    expect(await credentialsFor(registry, { HOME: home, DOCKER_CONFIG: '' })).toEqual(ACCOUNT);
  });

  test('is none on a machine without a Docker config', async () => {
    expect(await look()).toBeUndefined();
  });
});

describe('an account in DOCKER_AUTH_CONFIG', () => {
  const other = { username: 'file', password: 'of the file' };
  const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
  const bad = { 'other.example': { auth: SECRET } };

  test.each<[string, string, unknown, string, unknown]>([
    ['comes before the file', HOST, { auths: { [HOST]: { auth: AUTH } } }, '', ACCOUNT],
    ['comes before a broken file', HOST, { auths: { [HOST]: { auth: AUTH } } }, '{', ACCOUNT],
    ['comes before a helper', HOST, { auths: { [HOST]: { auth: AUTH } } }, 'helper', ACCOUNT],
    ['of Docker Hub', 'docker.io', { auths: { [DOCKER_HUB]: { auth: AUTH } } }, '', ACCOUNT],
    ['of another registry', HOST, { auths: { 'other.example': { auth: AUTH } } }, '', other],
    ['under an address', HOST, { auths: { [`https://${HOST}`]: { auth: AUTH } } }, '', other],
    // Docker then takes nothing of the variable.
    ['without auth', HOST, { auths: { [HOST]: { username: 'ci', password: 'a' } } }, '', other],
    ['beside a broken one', HOST, { auths: { [HOST]: { auth: AUTH }, ...bad } }, '', other],
    ['beside more', HOST, { auths: { [HOST]: { auth: AUTH } }, credHelpers: {} }, '', other],
    ['that is not JSON', HOST, 'hush', '', other],
    ['that is empty', HOST, '', '', other],
  ])('%s', async (_, host, config, file, account) => {
    const own = { auths: { [HOST]: auth('file:of the file') } };
    const helper = { credsStore: 'missing' };
    const written = file === '' ? own : file === 'helper' ? helper : file;
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    expect(await find(written, host, { DOCKER_AUTH_CONFIG: text })).toEqual(account);
  });
});

describe('a broken file', () => {
  test.each([
    ['not JSON', `{"auths": ${SECRET}`],
    ['of another shape', { auths: [SECRET] }],
    ['with an auth that holds no password', { auths: { [HOST]: { auth: SECRET } } }],
  ])('%s is an error that names the file and not its content', async (_, config) => {
    const failure = await failureOf(find(config));
    expect(failure.message).toContain(`DOCKER_CONFIG  ${join(folder, 'config.json')}`);
    expect(failure.message).not.toContain(SECRET);
    expect(failure.cause).toBeUndefined();
  });

  test('that cannot be read is an error, not "no account"', async () => {
    mkdirSync(join(folder, 'config.json'));
    expect((await failureOf(look())).code).toBe('DOCKER_CONFIG');
  });
});

describe('a credential helper', () => {
  const answer = `[ "$1" = get ] && printf '{"ServerURL":"%s","Username":"ci","Secret":"%s"}' "$server" "for $server"`;
  const own = { credHelpers: { [HOST]: 'all' }, credsStore: 'missing' };
  const general = { credsStore: 'all' };

  test.each([
    [
      'of the registry comes before the file',
      answer,
      { ...own, auths: { [HOST]: { auth: AUTH } } },
      HOST,
      { username: 'ci', password: `for ${HOST}` },
    ],
    [
      "of all registries knows Docker Hub by docker login's old key",
      answer,
      general,
      'docker.io',
      { username: 'ci', password: `for ${DOCKER_HUB}` },
    ],
    [
      'may have an identity token',
      `printf '{"Username":"<token>","Secret":"id-t0ken"}'`,
      general,
      HOST,
      { identityToken: 'id-t0ken' },
    ],
    [
      'may know no account',
      'echo "credentials not found in native keychain"; exit 1',
      general,
      HOST,
      undefined,
    ],
  ])('%s', async (_, script, config, host, account) => {
    installHelper('all', script);
    expect(await find(config, host)).toEqual(account);
  });

  test.each([
    {
      rule: 'fails',
      name: 'all',
      remedy: `see why: echo ${HOST} |`,
      script: `echo "${SECRET} is wrong"; exit 1`,
    },
    {
      rule: 'answers something else',
      name: 'all',
      remedy: 'log in with its own',
      script: `echo '{"Secret":"${SECRET}"}'`,
    },
    { rule: 'is not installed', name: 'missing', remedy: 'install it on PATH', script: 'exit 0' },
  ])('that $rule is an error without what it printed', async ({ name, remedy, script }) => {
    installHelper('all', script);
    const failure = await failureOf(find({ credsStore: name }));
    const { message } = failure;
    expect(failure.remedy).toContain(remedy);
    expect(message).toContain(`DOCKER_CONFIG  docker-credential-${name}`);
    expect(message).not.toContain(SECRET);
  });

  test('that is named by a path is not started: the file may choose a program on PATH only', async () => {
    const failure = await failureOf(find({ credsStore: 'x/../all' }));
    expect(failure.message).toContain('is not a program name');
  });
});

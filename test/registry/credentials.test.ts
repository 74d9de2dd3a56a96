import { chmod, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRegistry, type Registry } from '../../src/image-reference.ts';
import { credentialsFor } from '../../src/registry/credentials.ts';
import { failureOf } from './client-of.ts';

const SECRET = 'open sesame';
const AUTH = Buffer.from(`ci:${SECRET}`).toString('base64');
const ACCOUNT = { username: 'ci', password: SECRET };

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'docker-config-'));
  env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
});

afterEach(() => rm(folder, { recursive: true }));

async function write(config: unknown): Promise<void> {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(path.join(folder, 'config.json'), text);
}

/** A credential helper that writes down what it was asked, on which of its inputs. */
async function installHelper(name: string, script: string): Promise<void> {
  const file = path.join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\nserver=$(cat)\n${script}\n`);
  await chmod(file, 0o755);
}

function registry(host: string): Registry {
  const parsed = parseRegistry(host);
  if (parsed === undefined) throw new Error(`${host} is no registry`);
  return parsed;
}

const HOST = registry('registry.example:5000');

describe('an account in the file', () => {
  test.each([
    { rule: 'as base64', auths: { 'registry.example:5000': { auth: AUTH } } },
    { rule: 'as user name and password', auths: { 'registry.example:5000': ACCOUNT } },
    { rule: 'under an address', auths: { 'https://registry.example:5000/v2/': { auth: AUTH } } },
    {
      rule: 'among others',
      auths: { 'registry.example': { auth: 'eDp5' }, 'registry.example:5000': { auth: AUTH } },
    },
  ])('is found $rule', async ({ auths }) => {
    await write({ auths });
    await expect(credentialsFor(HOST, env)).resolves.toEqual(ACCOUNT);
  });

  test.each(['docker.io', 'index.docker.io', 'registry-1.docker.io'])(
    "of Docker Hub is found for %s under docker login's old key",
    async (host) => {
      await write({ auths: { 'https://index.docker.io/v1/': { auth: AUTH } } });
      await expect(credentialsFor(registry(host), env)).resolves.toEqual(ACCOUNT);
    },
  );

  test('keeps the colons of a password', async () => {
    const auth = Buffer.from('ci:a:b:').toString('base64');
    await write({ auths: { 'registry.example:5000': { auth } } });
    await expect(credentialsFor(HOST, env)).resolves.toEqual({ username: 'ci', password: 'a:b:' });
  });

  test('may be an identity token', async () => {
    const identitytoken = 'id-t0ken';
    await write({ auths: { 'registry.example:5000': { auth: AUTH, identitytoken } } });
    await expect(credentialsFor(HOST, env)).resolves.toEqual({ identityToken: 'id-t0ken' });
  });

  test.each([
    { rule: 'of another registry', config: { auths: { 'other.example': { auth: AUTH } } } },
    { rule: 'on another port', config: { auths: { 'registry.example': { auth: AUTH } } } },
    { rule: 'left empty', config: { auths: { 'registry.example:5000': {} } } },
    { rule: 'that is not there', config: {} },
  ])('$rule is none', async ({ config }) => {
    await write(config);
    await expect(credentialsFor(HOST, env)).resolves.toBeUndefined();
  });

  test('is looked for in ~/.docker without DOCKER_CONFIG', async () => {
    const home = path.join(folder, 'home');
    await mkdir(path.join(home, '.docker'), { recursive: true });
    const config = JSON.stringify({ auths: { 'registry.example:5000': { auth: AUTH } } });
    await writeFile(path.join(home, '.docker', 'config.json'), config);
    await expect(credentialsFor(HOST, { HOME: home })).resolves.toEqual(ACCOUNT);
    const alsoEmpty = { HOME: home, DOCKER_CONFIG: '' };
    await expect(credentialsFor(HOST, alsoEmpty)).resolves.toEqual(ACCOUNT);
  });

  test('is none on a machine without a Docker config', async () => {
    await expect(credentialsFor(HOST, env)).resolves.toBeUndefined();
  });
});

describe('a broken file', () => {
  const broken = { auths: { 'registry.example:5000': { auth: SECRET } } };

  test.each([
    { rule: 'not JSON', config: `{"auths": ${SECRET}` },
    { rule: 'of another shape', config: { auths: [SECRET] } },
    { rule: 'with an auth that holds no password', config: broken },
  ])('$rule is an error that names the file and not its content', async ({ config }) => {
    await write(config);
    const failure = await failureOf(credentialsFor(HOST, env));
    expect(failure.code).toBe('DOCKER_CONFIG');
    expect(failure.message).toContain(path.join(folder, 'config.json'));
    expect(failure.message).not.toContain(SECRET);
    expect(failure.cause).toBeUndefined();
  });

  test('that cannot be read is an error, not "no account"', async () => {
    await mkdir(path.join(folder, 'config.json'));
    const failure = await failureOf(credentialsFor(HOST, env));
    expect(failure.code).toBe('DOCKER_CONFIG');
  });
});

describe('a credential helper', () => {
  const answer = `[ "$1" = get ] && printf '{"ServerURL":"%s","Username":"ci","Secret":"%s"}' "$server" "for $server"`;

  test('for the registry is asked about it, before the file', async () => {
    await installHelper('one', answer);
    await write({
      auths: { 'registry.example:5000': { auth: AUTH } },
      credHelpers: { 'registry.example:5000': 'one' },
      credsStore: 'missing',
    });
    const expected = { username: 'ci', password: 'for registry.example:5000' };
    await expect(credentialsFor(HOST, env)).resolves.toEqual(expected);
  });

  test("for all registries is asked about Docker Hub under docker login's old key", async () => {
    await installHelper('all', answer);
    await write({ credsStore: 'all' });
    const expected = { username: 'ci', password: 'for https://index.docker.io/v1/' };
    await expect(credentialsFor(registry('docker.io'), env)).resolves.toEqual(expected);
  });

  test('may have an identity token', async () => {
    await installHelper('all', `printf '{"Username":"<token>","Secret":"id-t0ken"}'`);
    await write({ credsStore: 'all' });
    await expect(credentialsFor(HOST, env)).resolves.toEqual({ identityToken: 'id-t0ken' });
  });

  test('that knows no account is asked as anybody', async () => {
    await installHelper('all', 'echo "credentials not found in native keychain"; exit 1');
    await write({ credsStore: 'all' });
    await expect(credentialsFor(HOST, env)).resolves.toBeUndefined();
  });

  test.each([
    { rule: 'fails', name: 'all', script: `echo "${SECRET} is wrong"; exit 1` },
    { rule: 'answers something else', name: 'all', script: `echo '{"Secret":"${SECRET}"}'` },
    { rule: 'is not installed', name: 'missing', script: 'exit 0' },
  ])('that $rule is an error without what it printed', async ({ name, script }) => {
    await installHelper('all', script);
    await write({ credsStore: name });
    const failure = await failureOf(credentialsFor(HOST, env));
    expect(failure.code).toBe('DOCKER_CONFIG');
    expect(failure.message).toContain(`docker-credential-${name}`);
    expect(failure.message).not.toContain(SECRET);
  });

  test('that is named by a path is not started: the file may choose a program on PATH only', async () => {
    await write({ credsStore: 'x/../all' });
    const failure = await failureOf(credentialsFor(HOST, env));
    expect(failure.message).toContain('is not a program name');
  });
});

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { startRun } from '../support/processes.ts';

let root: string;

beforeEach(() => {
  root = temporaryFolder();
  for (const folder of ['infra/toolchain', 'node_modules/.bin', 'bin']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  cpSync('infra/toolchain/bootstrap.mjs', join(root, 'infra/toolchain/bootstrap.mjs'));
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
  writeFileSync(join(root, 'script.mjs'), "console.log('the script ran');");
  requireNode('>=20');
  // Stands for an npm that can't install, and shows that it was called.
  writeFileSync(join(root, 'bin/npm'), '#!/bin/sh\necho "$@" > npm-was-called\nexit 1\n');
  chmodSync(join(root, 'bin/npm'), 0o755);
  writeLock('package-lock.json', { one: '1.0.0' });
  mkdirSync(join(root, 'node_modules/one'));
});

function writeLock(path: string, versions: Readonly<Record<string, string>>): void {
  const packages = Object.entries(versions).map(
    ([name, version]) => [`node_modules/${name}`, { version, integrity: version }] as const,
  );
  writeFileSync(join(root, path), JSON.stringify({ packages: Object.fromEntries(packages) }));
}

function requireNode(node: string): void {
  writeFileSync(join(root, 'package.json'), JSON.stringify({ engines: { node } }));
}

function bootstrap(env: Readonly<Record<string, string>> = {}) {
  const PATH = `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`;
  const args = ['infra/toolchain/bootstrap.mjs', 'script.mjs'];
  return startRun(process.execPath, args, root, { ...process.env, PATH, ...env }).done;
}

const isCalled = () => existsSync(join(root, 'npm-was-called'));

test('runs the script where everything is installed, again and again', async () => {
  writeLock('node_modules/.package-lock.json', { one: '1.0.0' });
  expect(await bootstrap()).toMatchObject({ code: 0, stdout: 'the script ran\n' });
  expect(await bootstrap()).toMatchObject({ code: 0, stdout: 'the script ran\n' });
  expect(isCalled()).toBe(false);
});

test.each([
  ['nothing', undefined],
  ['another version', { one: '1.0.1' }],
  ['something else', { two: '1.0.0' }],
])('installs where %s is installed', async (_, versions) => {
  if (versions !== undefined) writeLock('node_modules/.package-lock.json', versions);
  const { code, output } = await bootstrap();
  expect(code).toBe(1);
  expect(output).toContain('npm ci failed');
  expect(output).not.toContain('the script ran');
  expect(readFileSync(join(root, 'npm-was-called'), 'utf8')).toBe('ci --loglevel=error\n');
});

test.each([
  ['gone', true, '1.0.0'],
  ['another', false, '0.9.0'],
])('installs where a package is %s since the last run', async (_, isGone, version) => {
  writeLock('node_modules/.package-lock.json', { one: '1.0.0' });
  await bootstrap();
  if (isGone) rmSync(join(root, 'node_modules/one'), { recursive: true });
  writeLock('node_modules/.package-lock.json', { one: version });
  expect((await bootstrap()).output).toContain('they are incomplete or out of date');
  expect(isCalled()).toBe(true);
});

test('installs nothing where the packages are those of another checkout', async () => {
  renameSync(join(root, 'node_modules'), join(root, 'of-another'));
  symlinkSync('of-another', join(root, 'node_modules'));
  const { code, output } = await bootstrap();
  expect(code).toBe(1);
  expect(output).toContain('node_modules is a link');
  expect(isCalled()).toBe(false);
});

test('says which Node it needs where the present one is too old', async () => {
  requireNode('>=999');
  const { code, output } = await bootstrap();
  expect(code).toBe(1);
  expect(output).toBe(`Node ${process.versions.node} is too old: install Node 999 or newer.\n`);
  expect(isCalled()).toBe(false);
});

test.each([
  [{ http_proxy: 'http://p:1' }, 'localhost,127.0.0.1,::1'],
  [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, b' }, 'a,b,localhost,127.0.0.1,::1'],
  [{ HTTPS_PROXY: 'http://p:1', no_proxy: '*' }, '*'],
  [{ NO_PROXY: 'a' }, 'a '],
])('a script reaches this machine without the proxy of %o', async (env, expected) => {
  writeLock('node_modules/.package-lock.json', { one: '1.0.0' });
  writeFileSync(
    join(root, 'script.mjs'),
    'const { NO_PROXY, no_proxy } = process.env;' +
      "console.log(NO_PROXY === no_proxy ? NO_PROXY : NO_PROXY + ' ' + no_proxy);",
  );
  const names = ['grpc_proxy', 'http_proxy', 'https_proxy', 'no_proxy'];
  const none = names.flatMap((name) => [[name, ''] as const, [name.toUpperCase(), ''] as const]);
  const result = await bootstrap({ ...Object.fromEntries(none), ...env });
  expect(result).toMatchObject({ code: 0, stdout: `${expected}\n` });
});

test('a script that runs in a git hook does not see for which repository', async () => {
  writeLock('node_modules/.package-lock.json', { one: '1.0.0' });
  const hook = { GIT_DIR: '/x/.git', GIT_INDEX_FILE: '/x/.git/index', GIT_CONFIG_COUNT: '0' };
  writeFileSync(
    join(root, 'script.mjs'),
    `console.log(${JSON.stringify(Object.keys(hook))}.filter((name) => name in process.env).join());`,
  );
  expect(await bootstrap(hook)).toMatchObject({ code: 0, stdout: 'GIT_CONFIG_COUNT\n' });
});

import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { engineEnvironment } from '../../infra/sandbox/engine-environment.ts';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';
import { sandboxAt } from '../../infra/sandbox/sandbox.ts';

const record: SandboxRecord = {
  engine: { command: '/engine/bin/pulumi', version: 'v3.274.1', languageHost: 'bundled' },
  docker: { host: 'unix:///docker.sock', cli: '/docker/bin/docker' },
  registry: '127.0.0.1:5000',
  dockerPlugin: { kind: 'official', version: '5.2.0' },
};

test('nothing of the user’s own Pulumi reaches the sandbox', () => {
  const env = engineEnvironment(sandboxAt('/checkout'), record, {
    PATH: '/usr/bin',
    LANG: 'C',
    PULUMI_ACCESS_TOKEN: 'secret',
    PULUMI_BACKEND_URL: 's3://real',
    PULUMI_CONFIG_PASSPHRASE_FILE: '/secret',
    PULUMI_STACK: 'prod',
    DOCKER_CONTEXT: 'remote',
  });
  expect(env).toMatchObject({
    LANG: 'C',
    PULUMI_BACKEND_URL: 'file:///checkout/.sandbox/state',
    PULUMI_HOME: '/checkout/.sandbox/pulumi-home',
    PULUMI_STACK: 'sandbox',
    PULUMI_CONTINUE_ON_ERROR: 'true',
    DOCKER_HOST: 'unix:///docker.sock',
    DOCKER_CLI: '/docker/bin/docker',
  });
  expect(env['PULUMI_ACCESS_TOKEN']).toBeUndefined();
  expect(env['PULUMI_CONFIG_PASSPHRASE_FILE']).toBeUndefined();
  expect(env['DOCKER_CONTEXT']).toBeUndefined();
});

test('the project’s Node comes first, then the engine, then the rest of PATH', () => {
  const path = engineEnvironment(sandboxAt('/checkout'), record, { PATH: '/usr/bin' })['PATH'];
  const folders = path?.split(delimiter);
  expect(folders?.[0]).toBe('/checkout/node_modules/.bin');
  expect(folders).toContain('/engine/bin');
  expect(folders?.at(-1)).toBe('/usr/bin');
});

test.each([
  ['official', undefined],
  ['stand-in', 'true'],
] as const)('with the %s docker plug-in, downloads are off: %s', (kind, off) => {
  const dockerPlugin = { ...record.dockerPlugin, kind };
  const env = engineEnvironment(sandboxAt('/checkout'), { ...record, dockerPlugin }, {});
  expect(env['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION']).toBe(off);
});

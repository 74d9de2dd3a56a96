import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { engineEnvironment } from '../../infra/sandbox/engine-environment.ts';
import { sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { RECORD } from './some-record.ts';

test("nothing of the user's own Pulumi reaches the sandbox", () => {
  const env = engineEnvironment(sandboxAt('/checkout'), RECORD, {
    PATH: '/usr/bin',
    LANG: 'C',
    PULUMI_ACCESS_TOKEN: 'secret',
    PULUMI_BACKEND_URL: 's3://real',
    PULUMI_CONFIG_PASSPHRASE_FILE: '/secret',
    PULUMI_STACK: 'prod',
    PULUMI_RUN_PROGRAM: 'true',
    DOCKER_CONTEXT: 'remote',
  });
  expect(env).toMatchObject({
    LANG: 'C',
    PULUMI_BACKEND_URL: 'file:///checkout/.sandbox/state?metadata=skip',
    PULUMI_HOME: '/checkout/.sandbox/pulumi-home',
    PULUMI_STACK: 'sandbox',
    PULUMI_CONTINUE_ON_ERROR: 'true',
    DOCKER_HOST: 'unix:///docker.sock',
    DOCKER_CLI: '/docker/bin/docker',
  });
  expect(env['PULUMI_ACCESS_TOKEN']).toBeUndefined();
  expect(env['PULUMI_CONFIG_PASSPHRASE_FILE']).toBeUndefined();
  expect(env['PULUMI_RUN_PROGRAM']).toBeUndefined();
  expect(env['DOCKER_CONTEXT']).toBeUndefined();
});

test("the project's Node comes first, then the engine, then the rest of PATH", () => {
  const path = engineEnvironment(sandboxAt('/checkout'), RECORD, { PATH: '/usr/bin' })['PATH'];
  const folders = path?.split(delimiter);
  expect(folders?.[0]).toBe('/checkout/node_modules/.bin');
  expect(folders).toContain('/engine/bin');
  expect(folders?.at(-1)).toBe('/usr/bin');
});

test("nothing of the user's Google account reaches the sandbox", () => {
  const names = ['GOOGLE_CREDENTIALS', 'GCLOUD_PROJECT', 'CLOUDSDK_ZONE', 'USER_PROJECT_OVERRIDE'];
  const inherited = Object.fromEntries(['OTHER', ...names].map((name) => [name, 'mine']));
  const env = engineEnvironment(sandboxAt('/checkout'), RECORD, inherited);
  for (const name of names) expect(env[name]).toBeUndefined();
  expect(env['OTHER']).toBe('mine');
});

test('the engine downloads no plug-in by itself', () => {
  const inherited = { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'false' };
  const env = engineEnvironment(sandboxAt('/checkout'), RECORD, inherited);
  expect(env['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION']).toBe('true');
});

test('the gcp plug-in asks Google for no regions, even where the user lets it', () => {
  const inherited = { PULUMI_GCP_SKIP_REGION_VALIDATION: 'false' };
  const env = engineEnvironment(sandboxAt('/checkout'), RECORD, inherited);
  expect(env['PULUMI_GCP_SKIP_REGION_VALIDATION']).toBe('true');
});

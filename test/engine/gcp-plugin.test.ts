import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startGoogleApi, type GoogleApi } from '../../infra/sandbox/google-api/google-api.ts';
import { PROGRAM } from '../gcp-plugin/declared-program.ts';
import { makeGcpCheckout, type GcpCheckout } from '../gcp-plugin/gcp-checkout.ts';
import { startMemoryRegistry, type MemoryRegistry } from '../google-api/memory-registry.ts';
import { callApi } from '../google-api/started-api.ts';

// The stand-in under the real engine, against the emulator. The tests follow on one another.

const TOKEN = 'token-of-the-tests';
const PARENT = 'projects/ci-images/locations/europe-west4';
const REPOSITORY = `${PARENT}/repositories/images`;
const JOB = `${PARENT}/jobs/refresh`;
const ACCOUNT = 'scheduler@ci-images.iam.gserviceaccount.com';
const RESOURCES = 9;
/** Settings of the program, from the first change on. */
const CHANGED = { 'scratch:days': '60', 'scratch:paused': 'true' };

let folder: string;
let registry: MemoryRegistry;
let api: GoogleApi;
let checkout: GcpCheckout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'google-api-'));
  registry = await startMemoryRegistry();
  api = await startGoogleApi({ registry: registry.address, folder });
  checkout = await makeGcpCheckout(inject('prerequisites').engine.command, PROGRAM);
  configure();
});

afterAll(async () => {
  checkout.remove();
  await api.close();
  await registry.close();
  rmSync(folder, { recursive: true });
});

function configure(more: Readonly<Record<string, string>> = {}): void {
  const address = `http://${api.address}/v1/`;
  checkout.configure({
    'gcp:project': 'ci-images',
    'gcp:region': 'europe-west4',
    'gcp:accessToken': TOKEN,
    'gcp:skipRegionValidation': 'true',
    'gcp:artifactRegistryCustomEndpoint': address,
    'gcp:cloudSchedulerCustomEndpoint': address,
    'gcp:iamBetaCustomEndpoint': address,
    'gcp:resourceManagerCustomEndpoint': address,
    'gcp:serviceUsageCustomEndpoint': address,
    ...more,
  });
}

const up = () => checkout.pulumi('up', '--yes', '--skip-preview');
const call = (method: string, path: string, body?: unknown) =>
  callApi(api.address, method, path, body);

async function expectNoDifference(): Promise<void> {
  const { code, output } = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
  expect(output).not.toMatch(/error/);
  expect(code).toBe(0);
}

test('a preview makes nothing, and knows what follows from the program', async () => {
  const { code, output } = await checkout.pulumi('preview', '--diff');
  expect(output).toMatch(new RegExp(`member +: "serviceAccount:${ACCOUNT}"`));
  expect(output).toContain(`+ ${RESOURCES + 1} to create`);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${REPOSITORY}`)).status).toBe(404);
});

test('up makes all of it, and a refresh sees no difference', async () => {
  const { code, output } = await up();
  expect(output).toContain(`+ ${RESOURCES + 1} created`);
  expect(code).toBe(0);
  expect(await checkout.outputs()).toEqual({
    registryUri: `${registry.address}/ci-images/images`,
    labels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
    state: 'ENABLED',
    member: `serviceAccount:${ACCOUNT}`,
    login: TOKEN,
  });
  expect((await call('GET', `v1/${REPOSITORY}`)).body).toMatchObject({
    cleanupPolicies: { 'delete-old': { condition: { olderThan: '2592000s', tagState: 'ANY' } } },
  });
  await expectNoDifference();
});

test('no secret is in the state or the display as it is', async () => {
  const { output } = await checkout.pulumi('stack', 'output');
  expect(output).toMatch(/login +\[secret\]/);
  const state = checkout.state();
  expect(state).not.toContain(TOKEN);
  expect(state).not.toContain(Buffer.from('token=hush').toString('base64'));
});

test('a changed age and a paused job are two updates in place', async () => {
  configure(CHANGED);
  const { output, code } = await up();
  expect(output).toContain('~ 2 updated');
  expect(output).not.toMatch(/replaced|created|deleted/);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'PAUSED' });
  await expectNoDifference();
});

test('retries that are switched off are one update, and no difference ever after', async () => {
  configure({ ...CHANGED, 'scratch:retries': '0' });
  const { output, code } = await up();
  expect(output).toContain('~ 1 updated');
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).not.toHaveProperty('retryConfig.retryCount');
  await expectNoDifference();
  configure(CHANGED);
  expect((await up()).output).toContain('~ 1 updated');
  await expectNoDifference();
});

test('what others changed is seen by a refresh, and put back', async () => {
  await call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies,labels`, {
    labels: { team: 'other', 'goog-pulumi-provisioned': 'true', theirs: 'stays' },
  });
  await call('POST', `v1/${JOB}:resume`, {});
  await call('POST', `v1/${REPOSITORY}:setIamPolicy`, { policy: { bindings: [] } });
  await call('POST', 'v1/projects/ci-images/services/artifactregistry.googleapis.com:disable', {});
  await call('DELETE', `v1/projects/ci-images/serviceAccounts/${ACCOUNT}`);

  const seen = await checkout.pulumi('preview', '--refresh', '--diff', '--expect-no-changes');
  expect(seen.code).not.toBe(0);
  expect(seen.output).toMatch(/"?team"? *: "other" => "ci"/);

  const { code, output } = await checkout.pulumi('up', '--yes', '--skip-preview', '--refresh');
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  expect((await call('GET', `v1/${REPOSITORY}`)).body).toMatchObject({
    labels: { team: 'ci', 'goog-pulumi-provisioned': 'true', theirs: 'stays' },
    cleanupPolicies: { 'delete-old': { condition: { olderThan: '5184000s' } } },
  });
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'PAUSED' });
  expect((await call('GET', `v1/${REPOSITORY}:getIamPolicy`)).body).toMatchObject({
    bindings: [
      { role: 'roles/artifactregistry.reader', members: ['allUsers'] },
      {
        role: 'roles/artifactregistry.writer',
        members: ['user:a@example.com', 'user:b@example.com'],
      },
    ],
  });
  await expectNoDifference();
});

test('a job that could not be paused after it was made is finished by the next run', async () => {
  await call('DELETE', `v1/${JOB}`);
  const match = '^POST .*jobs/refresh:pause';
  await call('POST', 'emulator/v1/faults', { match, status: 403, times: 1 });
  const failed = await checkout.pulumi('up', '--yes', '--skip-preview', '--refresh');
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain('cloudscheduler.jobs.pause');
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'ENABLED' });

  const { code } = await up();
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'PAUSED' });
  await expectNoDifference();
});

test('another repository id is a replacement', async () => {
  configure({ ...CHANGED, 'scratch:repositoryId': 'other' });
  const { code, output } = await up();
  expect(output).toMatch(/\+-\d+ replaced/);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${REPOSITORY}`)).status).toBe(404);
  await expectNoDifference();
});

test('a repository that is there already can be imported by a short id', async () => {
  await call('POST', `v1/${PARENT}/repositories?repository_id=old`, {
    format: 'DOCKER',
    mode: 'STANDARD_REPOSITORY',
  });
  const type = 'gcp:artifactregistry/repository:Repository';
  const args = ['--yes', '--skip-preview', '--generate-code=false', '--protect=false'];
  const { code, output } = await checkout.pulumi(
    'import',
    type,
    'old',
    'europe-west4/old',
    ...args,
  );
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  expect(checkout.state()).toContain(`"id":"${PARENT}/repositories/old"`);
});

test('destroy leaves nothing but the APIs that were switched on', async () => {
  const { code, output } = await checkout.pulumi('destroy', '--yes', '--skip-preview');
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  for (const name of [`${PARENT}/repositories/other`, `${PARENT}/repositories/old`, JOB]) {
    expect((await call('GET', `v1/${name}`)).status).toBe(404);
  }
  expect((await call('GET', 'v1/projects/ci-images/services')).body).toMatchObject({
    services: [{ config: { name: 'artifactregistry.googleapis.com' } }],
  });
});

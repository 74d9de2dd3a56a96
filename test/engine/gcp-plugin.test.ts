import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PROGRAM } from '../sandbox/stand-ins/gcp/declared-program.ts';
import { startGcpEngine, TOKEN, type GcpEngine } from '../sandbox/stand-ins/gcp/gcp-engine.ts';
import { succeeded } from '../support/engine-output.ts';

// The stand-in under the real engine, against the emulator. The tests follow on one another.

const PARENT = 'projects/ci-images/locations/europe-west4';
const REPOSITORY = `${PARENT}/repositories/images`;
const JOB = `${PARENT}/jobs/refresh`;
const TRIGGER = `${PARENT}/triggers/refresh`;
const ACCOUNT = 'scheduler@ci-images.iam.gserviceaccount.com';
const RESOURCES = 9;
/** Settings of the program, from the first change on. */
const CHANGED = { 'scratch:days': '60', 'scratch:paused': 'true' };

let engine: GcpEngine;
let call: GcpEngine['call'];

beforeAll(async () => {
  engine = await startGcpEngine(inject('prerequisites').engine.command, PROGRAM, TRIGGER);
  ({ call } = engine);
  engine.configure();
});

afterAll(() => engine.close());

test('a preview makes nothing, and knows what follows from the program', async () => {
  const { code, output } = await engine.pulumi('preview', '--diff');
  expect(output).toMatch(new RegExp(`member +: "serviceAccount:${ACCOUNT}"`));
  expect(output).toContain(`+ ${RESOURCES + 1} to create`);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${REPOSITORY}`)).status).toBe(404);
});

test('up makes all of it, and a refresh sees no difference', async () => {
  const { code, output } = await engine.up();
  expect(output).toContain(`+ ${RESOURCES + 1} created`);
  expect(code).toBe(0);
  expect(await engine.outputs()).toEqual({
    registryUri: `${engine.registry}/ci-images/images`,
    labels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
    state: 'ENABLED',
    member: `serviceAccount:${ACCOUNT}`,
    login: TOKEN,
  });
  expect((await call('GET', `v1/${REPOSITORY}`)).body).toMatchObject({
    cleanupPolicies: { 'delete-old': { condition: { olderThan: '2592000s', tagState: 'TAGGED' } } },
  });
  await engine.expectNoDifference();
});

test('the schedule starts a build with the rights that the program gave', async () => {
  await call('POST', `v1/${PARENT}/triggers`, { name: 'refresh' });
  const fired = await call('POST', `emulator/v1/jobs/${JOB}:fire`);
  expect(fired.body).toMatchObject({ state: 'SUCCEEDED', attempts: [{ httpStatus: 200 }] });
  const { body } = await call('GET', 'emulator/v1/builds');
  expect(body).toMatchObject({ builds: [{ trigger: TRIGGER, by: ACCOUNT }] });
});

test('no secret is in the state or the display as it is', async () => {
  const { output } = await engine.pulumi('stack', 'output');
  expect(output).toMatch(/login +\[secret\]/);
  const state = engine.state();
  expect(state).not.toContain(TOKEN);
  expect(state).not.toContain(Buffer.from('{"source": {"tagName": "hush"}}').toString('base64'));
});

test('a changed age and a paused job are two updates in place', async () => {
  engine.configure(CHANGED);
  const { output, code } = await engine.up();
  expect(output).toContain('~ 2 updated');
  expect(output).not.toMatch(/replaced|created|deleted/);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'PAUSED' });
  await engine.expectNoDifference();
});

test('retries that are switched off are one update, and no difference ever after', async () => {
  engine.configure({ ...CHANGED, 'scratch:retries': '0' });
  const { output, code } = await engine.up();
  expect(output).toContain('~ 1 updated');
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).not.toHaveProperty('retryConfig.retryCount');
  await engine.expectNoDifference();
  engine.configure(CHANGED);
  expect((await engine.up()).output).toContain('~ 1 updated');
  await engine.expectNoDifference();
});

test('what others changed is seen by a refresh, and put back', async () => {
  await call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies,labels`, {
    labels: { team: 'other', 'goog-pulumi-provisioned': 'true', theirs: 'stays' },
  });
  await call('POST', `v1/${JOB}:resume`, {});
  await call('POST', `v1/${REPOSITORY}:setIamPolicy`, { policy: { bindings: [] } });
  await call('POST', 'v1/projects/ci-images/services/artifactregistry.googleapis.com:disable', {});
  await call('DELETE', `v1/projects/ci-images/serviceAccounts/${ACCOUNT}`);

  const seen = await engine.pulumi('preview', '--refresh', '--diff', '--expect-no-changes');
  expect(seen.code).not.toBe(0);
  expect(seen.output).toMatch(/"?team"? *: "other" => "ci"/);

  await succeeded(engine.up('--refresh'));
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
  await engine.expectNoDifference();
});

test('a job that could not be paused after it was made is finished by the next run', async () => {
  await call('DELETE', `v1/${JOB}`);
  const match = '^POST .*jobs/refresh:pause';
  await call('POST', 'emulator/v1/faults', { match, status: 403, times: 1 });
  const failed = await engine.up('--refresh');
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain('403');
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'ENABLED' });

  const { code } = await engine.up();
  expect(code).toBe(0);
  expect((await call('GET', `v1/${JOB}`)).body).toMatchObject({ state: 'PAUSED' });
  await engine.expectNoDifference();
});

test('another repository id is a replacement', async () => {
  engine.configure({ ...CHANGED, 'scratch:repositoryId': 'other' });
  const { code, output } = await engine.up();
  expect(output).toMatch(/\+-\d+ replaced/);
  expect(code).toBe(0);
  expect((await call('GET', `v1/${REPOSITORY}`)).status).toBe(404);
  await engine.expectNoDifference();
});

test('a repository that is there already can be imported', async () => {
  await call('POST', `v1/${PARENT}/repositories?repository_id=old`, {
    format: 'DOCKER',
    mode: 'STANDARD_REPOSITORY',
  });
  const type = 'gcp:artifactregistry/repository:Repository';
  const id = `${PARENT}/repositories/old`;
  const args = ['--yes', '--skip-preview', '--generate-code=false', '--protect=false'];
  await succeeded(engine.pulumi('import', type, 'old', id, ...args));
  expect(engine.state()).toContain(`"id":"${id}"`);
});

test('destroy leaves nothing but the APIs that were switched on', async () => {
  await succeeded(engine.pulumi('destroy', '--yes', '--skip-preview'));
  for (const name of [`${PARENT}/repositories/other`, `${PARENT}/repositories/old`, JOB]) {
    expect((await call('GET', `v1/${name}`)).status).toBe(404);
  }
  expect((await call('GET', 'v1/projects/ci-images/services')).body).toMatchObject({
    services: [{ config: { name: 'artifactregistry.googleapis.com' } }],
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import {
  ACCOUNT,
  ALL_SETTINGS,
  JOB,
  ROLE,
  startDeclaredRegistry,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps, expectPlainFailure } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

// The tests follow on one another.

const TOKEN = 'glptt-hush&hush';
const BODY = Buffer.from('token=glptt-hush%26hush&ref=main').toString('base64');
/** How the token could show: as it is, in a form, in the job's body. */
const TRACES = ['glptt-hush', BODY, BODY.slice(8, 24)];
const UPDATE = 'update gcp:cloudscheduler/job:Job refresh';
const STARTER = [
  'gcp:projects/iAMCustomRole:IAMCustomRole refresh-starter',
  'gcp:projects/iAMMember:IAMMember refresh-starter',
  'gcp:serviceaccount/account:Account refresh-starter',
  'kubernetes-ci-images:index:BuildStarter refresh-starter',
];
const STATE = '.sandbox/state';

let declared: DeclaredRegistry;
let gitlab: LoopbackServer;
let pipeline: string;
const started: string[] = [];

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  gitlab = await startLoopbackServer(0, async (request, response) => {
    const { method = '', headers } = request;
    started.push(`${method} ${headers['content-type'] ?? ''} ${await text(request)}`);
    response.writeHead(201).end('{}');
  });
  pipeline = `http://${gitlab.address}/api/v4/projects/42/trigger/pipeline`;
});

afterAll(async () => {
  await gitlab.close();
  await declared.close();
});

describe("a schedule that starts GitLab's pipeline, step by step", () => {
  it('is refused without the token, by preview and plan, with the command that sets it', async () => {
    configure({});
    const said = ['refreshPipelineToken  MISSING_SETTING', 'pulumi config set --secret'];
    expectPlainFailure(await declared.checkout.pulumi('preview', '--color', 'never'), ...said);
    expectPlainFailure(await declared.checkout.images('plan', '--stack', 'sandbox'), ...said);
    await storeToken();
    expect((await declared.checkout.images('plan', '--stack', 'sandbox')).code).toBe(0);
  });

  it('is one job that has the token, with no account and no role', async () => {
    await expectKept('preview', '--diff', '--non-interactive');
    await expectKept(...up());
    expect(await declared.read(JOB)).toMatchObject({
      state: 'ENABLED',
      description: "Starts GitLab's pipeline of main",
      httpTarget: {
        uri: pipeline,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: BODY,
      },
    });
    expect(await declared.read(JOB)).not.toHaveProperty('httpTarget.oauthToken');
    expect(await declared.statusOf(ACCOUNT)).toBe(404);
    await expectNoToken();
  });

  it('starts the pipeline on schedule', async () => {
    const fired = await declared.act('POST', `emulator/v1/jobs/${JOB}:fire`);
    expect(fired).toMatchObject({ state: 'SUCCEEDED', attempts: [{ httpStatus: 201 }] });
    expect(started).toEqual([
      'POST application/x-www-form-urlencoded token=glptt-hush%26hush&ref=main',
    ]);
  });

  it('changes nothing the second time, and a refresh finds no drift and keeps the secret', async () => {
    await expectKept(...up(), '--expect-no-changes');
    await expectKept('preview', '--refresh', '--run-program', '--diff', '--expect-no-changes');
    await expectKept('refresh', '--yes', '--skip-preview', '--diff');
    await expectNoToken();
  });

  it('keeps the secret where somebody else changed the job', async () => {
    const httpTarget = { uri: pipeline, body: BODY, httpMethod: 'PUT' };
    await declared.act('PATCH', `v1/${JOB}?updateMask=httpTarget`, { httpTarget });
    await expectKept('refresh', '--yes', '--skip-preview', '--diff');
    await expectNoToken();
    await expectKept(...up(), '--diff');
    await expectNoToken();
    expect(await declared.read(JOB)).toHaveProperty('httpTarget.httpMethod', 'POST');
  });

  it('rests when it is paused', async () => {
    configure({ refreshPaused: true });
    await storeToken();
    expect(await previewedSteps(declared.checkout)).toEqual([UPDATE]);
    await expectKept(...up());
    expect(await declared.read(JOB)).toMatchObject({ state: 'PAUSED' });
  });

  it('becomes one that runs a Cloud Build trigger by an update of the job, and gets its account', async () => {
    declared.checkout.configure(ALL_SETTINGS);
    const apis = ['cloudbuild', 'cloudresourcemanager', 'iam'].map(
      (api) => `gcp:projects/service:Service ${api}.googleapis.com`,
    );
    expect(await previewedSteps(declared.checkout)).toEqual(
      [...[...STARTER, ...apis].map((step) => `create ${step}`), UPDATE].sort(),
    );
    await expectKept(...up());
    expect(await declared.read(JOB)).toHaveProperty('httpTarget.oauthToken');
    expect(await declared.read(JOB)).toMatchObject({ state: 'ENABLED' });
    expect(await declared.statusOf(ACCOUNT)).toBe(200);
    await expectNoToken();
    await expectKept('preview', '--refresh', '--run-program', '--expect-no-changes');
  });

  it('and back again, and nothing of the account is left', async () => {
    configure({});
    await storeToken();
    const steps = await previewedSteps(declared.checkout);
    expect(steps).toContain(UPDATE);
    expect(steps).toEqual(expect.arrayContaining(STARTER.map((step) => `delete ${step}`)));
    await expectKept(...up());
    expect(await declared.read(JOB)).not.toHaveProperty('httpTarget.oauthToken');
    expect(await declared.read(JOB)).toHaveProperty('httpTarget.body', BODY);
    expect(await declared.statusOf(ACCOUNT)).toBe(404);
    expect(await declared.read(ROLE)).toMatchObject({ deleted: true });
    await expectNoToken();
    await expectKept('preview', '--refresh', '--run-program', '--expect-no-changes');
  });
});

function configure(more: Readonly<Record<string, unknown>>): void {
  const way = { refreshTrigger: '', refreshPipeline: pipeline };
  declared.checkout.configure({ ...ALL_SETTINGS, ...way, ...more });
}

async function storeToken(): Promise<void> {
  await expectKept('config', 'set', '--secret', 'refreshPipelineToken', TOKEN);
}

/** The engine does it, and shows the token nowhere. */
async function expectKept(...args: string[]): Promise<void> {
  const { code, output } = await declared.checkout.pulumi(...args);
  for (const trace of TRACES) expect(output).not.toContain(trace);
  expect(output).not.toContain('error');
  expect(code).toBe(0);
}

/** The token stands in no file that the engine keeps, of now or of before, and in none that it hands out. */
async function expectNoToken(): Promise<void> {
  const { root } = declared.checkout;
  const { stdout } = await declared.checkout.pulumi('stack', 'export');
  expect(stdout).toContain(JOB);
  const files = readdirSync(join(root, STATE), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(1);
  const kept = [...files, join(root, 'Pulumi.sandbox.yaml')].map((file) =>
    readFileSync(file, 'utf8'),
  );
  for (const trace of TRACES) for (const one of [stdout, ...kept]) expect(one).not.toContain(trace);
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readTextFile } from '../../infra/sandbox/text-file.ts';
import { googleFaults, type GoogleFaults } from '../support/google-faults.ts';
import { expectPlainFailure } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const STACK = 'Pulumi.sandbox.yaml';
const PARENT = 'projects/ci-images/locations/europe-west4';
const TRIGGER = `${PARENT}/triggers/refresh`;
const PIPELINE = 'https://gitlab.example.com/api/v4/projects/42/trigger/pipeline';
const PLAIN_TOKEN = 'glptt-in-plain-text';

const RETENTION =
  'dryRun: true\nwindow: 90d\nkeepNewest: 5\nuntaggedAfter: 14d\ngracePeriod: 30d\nsources: []\n';

let fixture: PublishingFixture;
let checkout: TestCheckout;
let google: GoogleFaults;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  google = googleFaults(fixture);
  checkout = await fixture.checkout();
});

beforeEach(async () => {
  checkout.declare(['alpha'], fixture.base);
  checkout.write('config/retention.yml', RETENTION);
  checkout.configure({});
  checkout.commit();
  await google.forget();
});

afterAll(() => fixture.close());

/** The settings' own mistakes, as `key  CODE`. */
const MISTAKES = {
  repositoryId: ['9images', 'repositoryId  INVALID_SETTING'],
  refreshTrigger: ['refresh', 'refreshTrigger  INVALID_SETTING'],
  refreshPipeline: [PIPELINE, 'refreshPipeline  CONFLICTING_SETTINGS'],
  refreshPipelineToken: [PLAIN_TOKEN, 'refreshPipelineToken  INVALID_SETTING'],
  refreshSchedule: ['0 24 * * *', 'refreshSchedule  INVALID_SETTING'],
  refreshRetries: [6, 'refreshRetries  INVALID_SETTING'],
  readers: [['allUsers', 'nobody'], 'readers[1]  INVALID_SETTING'],
  writers: [['allUsers'], 'writers[0]  INVALID_SETTING'],
  refreshPausd: [true, 'refreshPausd  UNKNOWN_SETTING'],
} as const;

describe('mistakes in the settings, the catalog and the retention file', () => {
  const SAID = [
    ...Object.values(MISTAKES).map(([, said]) => said),
    'there is no such setting; write refreshPaused',
    'config/images.yml:2:5  images[0].nam  UNKNOWN_KEY',
    'config/retention.yml:2:9  window  INVALID_DURATION',
  ];

  beforeEach(() => {
    checkout.configure(
      Object.fromEntries(Object.entries(MISTAKES).map(([key, [value]]) => [key, value])),
    );
    checkout.write('config/images.yml', 'images:\n  - nam: alpha\n');
    checkout.write('config/retention.yml', RETENTION.replace('90d', 'soon'));
  });

  it.each(['preview', 'up'])('are told all at once by %s, which touches nothing', async (verb) => {
    fixture.gate.forget();
    const run = await checkout.pulumi(...(verb === 'up' ? up() : [verb, '--color', 'never']));
    expectPlainFailure(run, ...SAID);
    expect(run.output).not.toContain(PLAIN_TOKEN);
    expect(await google.calls()).toEqual([]);
    expect(fixture.gate.seen).toEqual([]);
    expect(await declared()).toEqual([]);
  });

  it('are told by the plan in the same words, with their lines', async () => {
    const run = await checkout.images('plan', '--stack', 'sandbox');
    expectPlainFailure(run, ...SAID, new RegExp(`${STACK}:\\d+:\\d+  refreshRetries`));
    expect(run.code).toBe(1);
    expect(run.stdout).toBe('');
  });
});

describe('a setting of another type than Pulumi.yaml says', () => {
  it.each([
    ['refreshRetries', 'often', 'integer'],
    ['enableApis', 'perhaps', 'boolean'],
    ['readers', 'allUsers', 'array'],
  ])('%s: "%s" is refused, with what it should be', async (key, value, type) => {
    checkout.configure({ [key]: value });
    const preview = await checkout.pulumi('preview', '--color', 'never');
    expectPlainFailure(preview, key, type);
    const plan = await checkout.images('plan', '--stack', 'sandbox');
    expectPlainFailure(plan, `${key}  INVALID_SETTING`);
  });
});

describe('a setting that is not there', () => {
  it.each(['kubernetes-ci-images:repositoryId', 'gcp:project', 'gcp:region'])(
    '%s is named',
    async (name) => {
      const text = readTextFile(join(checkout.root, STACK)) ?? '';
      checkout.write(STACK, text.replace(new RegExp(`^ *${name}:.*\n`, 'm'), ''));
      const key = name.replace('kubernetes-ci-images:', '');
      expectPlainFailure(await checkout.pulumi('preview', '--color', 'never'), key);
      const plan = await checkout.images('plan', '--stack', 'sandbox');
      expectPlainFailure(plan, `${STACK}  ${key}  MISSING_SETTING`);
    },
  );
});

it('a retention file that is not there is named', async () => {
  checkout.configure({ retention: 'config/none.yml' });
  const said = 'config/none.yml  FILE_MISSING';
  expectPlainFailure(await checkout.pulumi('preview', '--color', 'never'), said);
  expectPlainFailure(await checkout.images('plan', '--stack', 'sandbox'), said);
});

it('a pattern of a .dockerignore that is not supported is named before anything is built', async () => {
  checkout.write('config/contexts/alpha/.dockerignore', 'tmp\n*.[oa]\n');
  fixture.gate.forget();
  const said = 'config/contexts/alpha/.dockerignore:2:3  *.[oa]  DOCKERIGNORE_PATTERN';
  expectPlainFailure(await checkout.pulumi(...up()), said);
  expect(fixture.gate.seen).toEqual([]);
  expectPlainFailure(await checkout.images('plan', '--stack', 'sandbox'), said);
  checkout.write('config/contexts/alpha/.dockerignore', '');
});

it('a file that no commit has stops an update before anything happens, and only warns in a preview', async () => {
  checkout.configure({ registry: 'registry.invalid' });
  checkout.write('config/contexts/alpha/new', '');
  fixture.gate.forget();
  const said = 'config/contexts/alpha/new  TREE_DIFFERS';
  expectPlainFailure(await checkout.pulumi(...up()), said);
  expect(await google.calls()).toEqual([]);
  const { output } = await checkout.pulumi('preview', '--color', 'never');
  expect(output).toContain('warning: config/contexts/alpha/new is not in the commit');
  expect(output).not.toContain('TREE_DIFFERS');
  rmSync(join(checkout.root, 'config/contexts/alpha/new'));
});

it('midnight, no retries, not paused and nobody reach Google as they are', async () => {
  checkout.configure({
    refreshTrigger: TRIGGER,
    refreshSchedule: '0 0 * * *',
    refreshRetries: 0,
    refreshPaused: false,
    readers: [],
    writers: [],
  });
  const { code, output } = await checkout.pulumi(...up());
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  const job = await google.get(`${PARENT}/jobs/refresh-images`);
  expect(job).toMatchObject({ schedule: '0 0 * * *', state: 'ENABLED' });
  expect(job).not.toHaveProperty('retryConfig.retryCount');
  const policy = await google.get(`${PARENT}/repositories/images:getIamPolicy`);
  expect(policy).not.toHaveProperty('bindings');
  const gate = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
  expect(gate.code).toBe(0);
});

/** What the stack's state holds beside the stack itself. */
async function declared(): Promise<readonly string[]> {
  const { stdout } = await checkout.pulumi('stack', '--show-urns', '--color', 'never');
  const urns = stdout.match(/urn:pulumi:\S+/g) ?? [];
  return urns.filter((urn) => !urn.includes('pulumi:pulumi:Stack'));
}

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHECKOUT, sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { stackSettings } from '../../infra/sandbox/stack-settings.ts';
import { RECORD } from './some-record.ts';

const API = 'http://127.0.0.1:5100/v1/';
const SETTINGS = {
  'kubernetes-ci-images:registry': '127.0.0.1:5000',
  'kubernetes-ci-images:part': 'all',
  'kubernetes-ci-images:destination': 'managed',
  'kubernetes-ci-images:repositoryId': 'images',
  'kubernetes-ci-images:catalog': '.sandbox/images.yml',
  'kubernetes-ci-images:retention': 'infra/sandbox/retention.yml',
  'kubernetes-ci-images:readers': ['allUsers'],
  'kubernetes-ci-images:writers': [
    'serviceAccount:publisher@kubernetes-ci-sandbox.iam.gserviceaccount.com',
  ],
  'kubernetes-ci-images:signing': '/some/.sandbox/signing.key',
  'kubernetes-ci-images:signers': [{ publicKey: 'some key' }],
  'kubernetes-ci-images:signingFulcio': '',
  'kubernetes-ci-images:signingRekor': '',
  'kubernetes-ci-images:signingTrustedRoot': '',
  'kubernetes-ci-images:refreshTrigger': '',
  'kubernetes-ci-images:refreshPipeline':
    'http://127.0.0.1:5200/api/v4/projects/1/trigger/pipeline',
  'kubernetes-ci-images:refreshPipelineRef': 'main',
  'kubernetes-ci-images:refreshChanges': 'commit',
  'gcp:project': 'kubernetes-ci-sandbox',
  'gcp:region': 'us-central1',
  'gcp:accessToken': 'sandbox',
  'gcp:artifactRegistryCustomEndpoint': API,
  'gcp:cloudBuildCustomEndpoint': API,
  'gcp:cloudSchedulerCustomEndpoint': API,
  'gcp:iamBetaCustomEndpoint': API,
  'gcp:iamCredentialsCustomEndpoint': API,
  'gcp:resourceManagerCustomEndpoint': API,
  'gcp:serviceUsageCustomEndpoint': API,
};

const PLACES = { ...RECORD, key: { file: '/some/.sandbox/signing.key', publicKey: 'some key' } };

const settingsOf = (previous: string, production = '') =>
  parse(stackSettings(previous, production, PLACES)) as object;

test('the first settings name the registry, the catalog and the emulator of every API', () => {
  expect(settingsOf('')).toEqual({ config: SETTINGS });
});

test("the salt and settings of the user's own stay", () => {
  const previous =
    'encryptionsalt: v1:abc\nconfig:\n  kubernetes-ci-images:registry: old\n  kubernetes-ci-images:source: here # mine\n';
  expect(settingsOf(previous)).toEqual({
    encryptionsalt: 'v1:abc',
    config: { ...SETTINGS, 'kubernetes-ci-images:source': 'here' },
  });
  expect(stackSettings(previous, '', PLACES)).toContain('# mine');
});

test("production's builders build nothing of the sandbox; its own stay", () => {
  const builders = (name: string) =>
    `config:\n  kubernetes-ci-images:builders: [{ name: ${name}, platforms: [linux/amd64] }]\n`;
  expect(settingsOf('', builders('production'))).toEqual({ config: SETTINGS });
  expect(settingsOf(builders('own'), builders('production'))).toMatchObject({
    config: { 'kubernetes-ci-images:builders': [{ name: 'own' }] },
  });
});

test.each(['encryptionsalt: v1:abc\n', '', 'config:\n', 'config: {}\n'])(
  'writing the same settings again changes nothing: after %j',
  (previous) => {
    const once = stackSettings(previous, '', PLACES);
    expect(stackSettings(once, '', PLACES)).toBe(once);
  },
);

test('what an earlier version of the generator wrote and nothing knows any more goes', () => {
  const previous =
    'config:\n  kubernetes-ci-images:repositoryPrefix: kubernetes-ci-images\n  gcp:skipRegionValidation: "true"\n  kubernetes-ci-images:source: here\n';
  expect(settingsOf(previous)).toEqual({
    config: { ...SETTINGS, 'kubernetes-ci-images:source': 'here' },
  });
});

test('what need not differ from production is as in production', () => {
  const production = [
    'config:',
    '  kubernetes-ci-images:readers: [allUsers]',
    '  kubernetes-ci-images:refreshSchedule: 0 0 * * *',
    '  kubernetes-ci-images:repositoryId: production',
    '  kubernetes-ci-images:writers: ["group:owners@example.com"]',
  ].join('\n');
  const previous = 'config: { kubernetes-ci-images:refreshSchedule: 0 5 * * * }\n';
  expect(settingsOf(previous, production)).toEqual({
    config: {
      ...SETTINGS,
      'kubernetes-ci-images:readers': ['allUsers'],
      'kubernetes-ci-images:refreshSchedule': '0 0 * * *',
    },
  });
});

test('nothing that leads to a real account is taken from production, and no secret', () => {
  const production = [
    'secretsprovider: gcpkms://production',
    'config:',
    '  gcp:impersonateServiceAccount: deployer@production.iam.gserviceaccount.com',
    '  gcp:billingProject: production',
    '  kubernetes-ci-images:token: { secure: v1:abc }',
  ].join('\n');
  expect(settingsOf('', production)).toEqual({ config: SETTINGS });
});

test('production as it is now names no setting that stays as it was in the sandbox', () => {
  const production = readFileSync(sandboxAt(CHECKOUT).productionFile, 'utf8');
  const text = stackSettings('', production, PLACES);
  const { 'gcp:project': project } = (parse(production) as { config: Record<string, string> })
    .config;
  expect(project).toMatch(/^[a-z][a-z0-9-]+$/);
  expect(text).not.toContain(project);
});

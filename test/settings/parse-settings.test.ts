import { describe, expect, test } from 'vitest';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import {
  codesOf,
  FILE,
  PIPELINE,
  problemsOf,
  someSettings,
  TRIGGER,
  VALUES,
} from './some-settings.ts';

const TOKEN = { refreshPipelineToken: ENCRYPTED };

test('project, region and repository are enough beside the defaults', () => {
  expect(someSettings()).toEqual({
    destination: { kind: 'managed' },
    project: 'some-project',
    region: 'europe-west4',
    part: 'all',
    mirrors: [],
    location: 'europe-west4',
    repositoryId: 'images',
    registry: 'europe-west4-docker.pkg.dev',
    repositoryPrefix: 'some-project/images',
    catalogFile: 'config/images.yml',
    retentionFile: 'config/retention.yml',
    source: undefined,
    readers: [],
    writers: [],
    enableApis: true,
    builders: [],
    buildTimeout: 3600,
    googleTimeout: 120,
    previewBuilds: { most: 10, seconds: 1200, bytes: 20e9 },
    signing: undefined,
    signers: [],
    sigstore: { fulcio: undefined, rekor: undefined, trustedRootFile: undefined },
    adopt: 'labelled',
    refresh: undefined,
    refreshChanges: 'merge-request',
  });
});

test.each([
  [{ location: 'us' }, { location: 'us', registry: 'us-docker.pkg.dev' }],
  [{ registry: '127.0.0.1:5000' }, { registry: '127.0.0.1:5000' }],
  // A project of a domain.
  [
    { 'gcp:project': 'example.com:some-project' },
    { repositoryPrefix: 'example.com/some-project/images' },
  ],
])('images go where the settings say: %j', (changed, expected) => {
  expect(someSettings(changed)).toMatchObject({ region: 'europe-west4', ...expected });
});

test('an empty or undefined value is one that was left out', () => {
  expect(someSettings({ source: undefined, registry: undefined })).toEqual(someSettings());
});

describe('the schedule', () => {
  test('is made of its settings once there is a trigger', () => {
    expect(someSettings({ refreshTrigger: TRIGGER }).refresh).toEqual({
      start: { kind: 'cloud-build', trigger: TRIGGER },
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      retries: 1,
      deadlineSeconds: 180,
      paused: false,
    });
  });

  test('at midnight is at hour 0, and no retry is 0 retries: neither means "not set"', () => {
    const midnight = { refreshTrigger: TRIGGER, refreshSchedule: '0 0 * * *', refreshRetries: 0 };
    expect(someSettings(midnight).refresh).toMatchObject({ schedule: '0 0 * * *', retries: 0 });
  });

  test("starts GitLab's pipeline, of main or another ref, and never holds the token", () => {
    const pipeline = { ...TOKEN, refreshPipeline: PIPELINE };
    const start = { kind: 'gitlab-pipeline', url: PIPELINE, ref: 'main' };
    const settings = someSettings(pipeline);
    expect(settings.refresh?.start).toEqual(start);
    expect(Object.values(settings)).not.toContain(ENCRYPTED);
    const other = someSettings({ ...pipeline, refreshPipelineRef: 'release/1.2' });
    expect(other.refresh?.start).toEqual({ ...start, ref: 'release/1.2' });
  });

  test.each([{}, { refreshTrigger: TRIGGER }])(
    'does not depend on a token that is left over: %j',
    (settings) => {
      expect(someSettings({ ...settings, ...TOKEN })).toEqual(someSettings(settings));
    },
  );
});

test('a refresh proposes a merge request, or commits where the settings say so', () => {
  const settings = someSettings({ refreshChanges: 'commit' });
  expect(settings).toMatchObject({ refreshChanges: 'commit', refresh: undefined });
});

test.each([
  ['flags', { enableApis: false }, { enableApis: 'false' }],
  ['numbers', { refreshRetries: 0 }, { refreshRetries: '0' }],
  ['lists', { readers: ['allUsers'] }, { readers: '["allUsers"]' }],
])('%s mean the same from a file and from the engine', (_, fromFile, fromEngine) => {
  const trigger = { refreshTrigger: TRIGGER };
  const settings = someSettings({ ...trigger, ...fromFile });
  expect(settings).toEqual(someSettings({ ...trigger, ...fromEngine }));
  expect(settings).not.toEqual(someSettings(trigger));
});

/** Key, or the path of an item → values that it can't have. */
const INVALID: Readonly<Record<string, readonly unknown[]>> = {
  'gcp:project': ['Project', 'short'],
  'gcp:region': ['us'],
  location: ['us-central1-a'],
  repositoryId: ['a/b', '9images', 'a'.repeat(64)],
  registry: ['https://registry.test', ENCRYPTED],
  destination: [
    'own',
    'kubespray/images',
    'quay.io',
    'quay.io/',
    'https://quay.io/kubespray',
    'quay.io/Kubespray',
    'GHCR.io/kubespray',
    'quay.io/kubespray:latest',
    ENCRYPTED,
  ],
  catalog: ['../images.yml', '/images.yml', 'a/../../b'],
  retention: ['../retention.yml'],
  source: ['http://source.test', 'https://user:token@source.test'],
  readers: ['allUsers', { all: true }],
  'mirrors[0]': [
    ['https://quay.io/x'],
    ['quay.io'],
    ['quay.io/x:v1'],
    ['quay.io/X'],
    ['Quay.io/x'],
    '["x"]',
  ],
  'readers[0]': ['["user:Somebody@example.com"]'],
  'readers[1]': [['allUsers', 'ci@example.com']],
  'writers[0]': [['allUsers'], ['allAuthenticatedUsers']],
  enableApis: ['yes', 0],
  buildTimeoutSeconds: ['0'],
  googleTimeoutSeconds: ['0'],
  verify: ['yes'],
  verifyTimeoutSeconds: ['86401'],
  previewBuilds: ['-1', '1001'],
  previewBuildSeconds: ['0'],
  previewBuildGigabytes: ['0', '1.5'],
  refreshTrigger: ['refresh'],
  refreshPipelineRef: ['a..b'],
  refreshPipelineToken: ['glptt-1'],
  refreshSchedule: ['0 24 * * *', 3],
  refreshTimeZone: ['Berlin', '+02:00'],
  refreshRetries: [6, '1.5', -1],
  refreshDeadlineSeconds: [14, '1801'],
  refreshPaused: ['no'],
  refreshChanges: ['push'],
};

describe('rejected', () => {
  test.each(
    Object.entries(INVALID).flatMap(([path, values]) => values.map((value) => ({ path, value }))),
  )('$path: $value', ({ path, value }) => {
    const key = path.replace(/\[.*/, '');
    expect(problemsOf({ [key]: value })).toMatchObject([
      { code: 'INVALID_SETTING', path, file: FILE },
    ]);
  });

  test.each<[code: string, path: string, values: Record<string, unknown>]>([
    ['MISSING_SETTING', 'gcp:project', { 'gcp:project': undefined }],
    ['MISSING_SETTING', 'gcp:region', { 'gcp:region': '' }],
    ['MISSING_SETTING', 'repositoryId', { repositoryId: '' }],
    ['MISSING_SETTING', 'retention', { retention: '' }],
    ['MISSING_SETTING', 'refreshPipelineRef', { refreshPipelineRef: '' }],
    ['MISSING_SETTING', 'refreshPipelineToken', { refreshPipeline: PIPELINE }],
    ['INVALID_SETTING', 'refreshPipeline', { ...TOKEN, refreshPipeline: ENCRYPTED }],
    ['UNKNOWN_SETTING', 'repositoryid', { repositoryid: 'x' }],
    ['UNKNOWN_SETTING', 'toString', { toString: 'x' }],
  ])('%s %s', (code, path, values) => {
    expect(problemsOf(values)).toMatchObject([{ code, path, file: FILE }]);
  });

  test('everything at once', () => {
    const wrong = { registry: 'a b', repositoryId: '', refreshRetries: 9, other: 1 };
    expect(codesOf(wrong)).toEqual([
      'INVALID_SETTING refreshRetries',
      'INVALID_SETTING registry',
      'MISSING_SETTING repositoryId',
      'UNKNOWN_SETTING other',
    ]);
  });

  test('two ways to start the refresh, and their other problems with that', () => {
    const wrong = { refreshTrigger: 'x', refreshPipeline: 'y', refreshPipelineRef: '-' };
    expect(codesOf(wrong)).toEqual([
      'CONFLICTING_SETTINGS refreshPipeline',
      'INVALID_SETTING refreshPipeline',
      'INVALID_SETTING refreshPipelineRef',
      'INVALID_SETTING refreshTrigger',
      'MISSING_SETTING refreshPipelineToken',
    ]);
    const both = { ...TOKEN, refreshTrigger: TRIGGER, refreshPipeline: PIPELINE };
    const place = { file: FILE, path: 'refreshPipeline' };
    expect(problemsOf(both)).toMatchObject([{ code: 'CONFLICTING_SETTINGS', ...place }]);
  });

  test('what only an owner may change in a stack of pipelines, the secret above all', () => {
    const daily = { part: 'daily', refreshSchedule: '0 4 * * *', refreshChanges: 'commit' };
    expect(codesOf(daily)).toEqual([]);
    const people = { readers: ['allUsers'], writers: '["group:ci@example.com"]' };
    const hosts = { gitlabProject: '7/42', githubRepository: '1/2' };
    expect(codesOf({ ...daily, ...TOKEN, ...people, ...hosts, refreshTrigger: TRIGGER })).toEqual([
      'CONFLICTING_SETTINGS githubRepository',
      'CONFLICTING_SETTINGS gitlabProject',
      'CONFLICTING_SETTINGS readers',
      'CONFLICTING_SETTINGS refreshPipelineToken',
      'CONFLICTING_SETTINGS refreshTrigger',
      'CONFLICTING_SETTINGS writers',
    ]);
    expect(codesOf({ ...daily, ...TOKEN, refreshPipeline: PIPELINE })).toEqual([
      'CONFLICTING_SETTINGS refreshPipeline',
      'CONFLICTING_SETTINGS refreshPipelineToken',
    ]);
  });

  test('a login of a plug-in, which would be in the state, but not that to an emulator', () => {
    const logins = {
      'gcp:accessToken': 'ya29.canary',
      'gcp:credentials': ENCRYPTED,
      'gcp:externalCredentials': '{"identityToken":"canary"}',
      'docker:registryAuth': [{ address: 'registry.example', password: 'canary' }],
    };
    const codes = Object.keys(logins)
      .map((key) => `INVALID_SETTING ${key}`)
      .toSorted();
    const endpoint = 'gcp:artifactRegistryCustomEndpoint';
    expect(codesOf(logins)).toEqual(codes);
    expect(codesOf({ ...logins, [endpoint]: 'https://google.example/v1/' })).toEqual(codes);
    expect(codesOf({ ...logins, [endpoint]: 'http://127.0.0.1:5100/v1/' })).toEqual([]);
    expect(codesOf({ [endpoint]: 'https://canary@google.example/v1/' })).toEqual([
      `INVALID_SETTING ${endpoint}`,
    ]);
    const [problem] = problemsOf(logins);
    expect(problem?.remedy).toContain('GOOGLE_OAUTH_ACCESS_TOKEN');
    expect(JSON.stringify(problem)).not.toContain('canary');
  });

  test('a token in plain text, with the command that stores it encrypted', () => {
    const [problem] = problemsOf({ refreshPipelineToken: 'glptt-1' });
    expect(problem?.problem).toBe('is in plain text');
    expect(problem?.remedy).toContain('`pulumi config set --secret refreshPipelineToken`');
  });

  test('a misspelt key with the one that was meant', () => {
    const [problem] = problemsOf({ refreshPausd: 'true' });
    expect(problem?.remedy).toBe('write refreshPaused');
  });
});

test('members are taken as IAM writes them', () => {
  const readers = [
    'allUsers',
    'allAuthenticatedUsers',
    'user:somebody@example.com',
    'group:ci@example.com',
    'serviceAccount:ci@some-project.iam.gserviceaccount.com',
    'domain:example.com',
    'principalSet://iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/ci/*',
  ];
  expect(someSettings({ readers }).readers).toEqual(readers);
});

test('no problem quotes a value', () => {
  const values = Object.fromEntries(Object.keys(VALUES).map((key) => [key, 'HUN TER']));
  expect(JSON.stringify(problemsOf({ ...values, other: 'HUN TER' }))).not.toContain('HUN');
});

test('where the files are stays known while other settings are wrong', () => {
  const parsed = (values: Record<string, unknown>) => parseSettings(values, FILE);
  expect(parsed({ catalog: 'other.yml' })).toMatchObject({ catalogFile: 'other.yml' });
  expect(parsed({ retention: 'other.yml' })).toMatchObject({ retentionFile: 'other.yml' });
  expect(parsed({ catalog: '../other.yml' })).toMatchObject({ catalogFile: undefined });
});

import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import { PIPELINE, someSettings, TRIGGER, VALUES } from './some-settings.ts';

const FILE = 'Pulumi.test.yaml';

function problemsOf(changed: Record<string, unknown>): readonly Problem[] {
  const parsed = parseSettings({ ...VALUES, ...changed }, FILE);
  return 'problems' in parsed ? parsed.problems : [];
}

test('project, region and repository are enough beside the defaults', () => {
  expect(someSettings()).toEqual({
    project: 'some-project',
    region: 'europe-west4',
    location: 'europe-west4',
    repositoryId: 'images',
    registry: 'europe-west4-docker.pkg.dev',
    repositoryPrefix: 'some-project/images',
    catalog: 'config/images.yml',
    retention: 'config/retention.yml',
    source: undefined,
    readers: [],
    writers: [],
    enableApis: true,
    buildTimeout: 3600,
    refresh: undefined,
    refreshChanges: 'merge-request',
  });
});

describe('where images go', () => {
  test('is the host of the location, which may be a multi-region', () => {
    expect(someSettings({ location: 'us' })).toMatchObject({
      region: 'europe-west4',
      location: 'us',
      registry: 'us-docker.pkg.dev',
    });
  });

  test('is another host where one is set', () => {
    expect(someSettings({ registry: '127.0.0.1:5000' }).registry).toBe('127.0.0.1:5000');
  });

  test("is below the project's domain, where the project has one", () => {
    const { repositoryPrefix } = someSettings({ 'gcp:project': 'example.com:some-project' });
    expect(repositoryPrefix).toBe('example.com/some-project/images');
  });
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

  test("starts GitLab's pipeline where that is set, of main or another ref, and never holds the token", () => {
    const pipeline = { refreshPipeline: PIPELINE, refreshPipelineToken: ENCRYPTED };
    const start = { kind: 'gitlab-pipeline', url: PIPELINE, ref: 'main' };
    const settings = someSettings(pipeline);
    expect(settings.refresh?.start).toEqual(start);
    expect(Object.values(settings)).not.toContain(ENCRYPTED);
    expect(someSettings({ ...pipeline, refreshPipelineRef: 'release/1.2' }).refresh).toMatchObject({
      start: { ...start, ref: 'release/1.2' },
      schedule: '0 3 * * *',
    });
  });

  test('is none while only its token is set: one that is left over is no danger', () => {
    expect(someSettings({ refreshPipelineToken: ENCRYPTED })).toEqual(someSettings());
    const both = { refreshTrigger: TRIGGER, refreshPipelineToken: ENCRYPTED };
    expect(someSettings(both)).toEqual(someSettings({ refreshTrigger: TRIGGER }));
  });
});

test('a refresh hands in its changes for review, or on the branch where the settings say so', () => {
  expect(someSettings().refreshChanges).toBe('merge-request');
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

describe('refused', () => {
  test.each<[code: string, path: string, values: Record<string, unknown>]>([
    ['MISSING_SETTING', 'gcp:project', { 'gcp:project': undefined }],
    ['MISSING_SETTING', 'gcp:region', { 'gcp:region': '' }],
    ['MISSING_SETTING', 'repositoryId', { repositoryId: '' }],
    ['MISSING_SETTING', 'retention', { retention: '' }],
    ['INVALID_SETTING', 'gcp:project', { 'gcp:project': 'Project' }],
    ['INVALID_SETTING', 'gcp:project', { 'gcp:project': 'short' }],
    ['INVALID_SETTING', 'gcp:region', { 'gcp:region': 'us' }],
    ['INVALID_SETTING', 'location', { location: 'us-central1-a' }],
    ['INVALID_SETTING', 'repositoryId', { repositoryId: 'a/b' }],
    ['INVALID_SETTING', 'repositoryId', { repositoryId: '9images' }],
    ['INVALID_SETTING', 'repositoryId', { repositoryId: 'a'.repeat(64) }],
    ['INVALID_SETTING', 'registry', { registry: 'https://registry.test' }],
    ['INVALID_SETTING', 'registry', { registry: ENCRYPTED }],
    ['INVALID_SETTING', 'catalog', { catalog: '../images.yml' }],
    ['INVALID_SETTING', 'catalog', { catalog: '/images.yml' }],
    ['INVALID_SETTING', 'catalog', { catalog: 'a/../../b' }],
    ['INVALID_SETTING', 'retention', { retention: '../retention.yml' }],
    ['INVALID_SETTING', 'source', { source: 'http://source.test' }],
    ['INVALID_SETTING', 'source', { source: 'https://user:token@source.test' }],
    ['INVALID_SETTING', 'readers', { readers: 'allUsers' }],
    ['INVALID_SETTING', 'readers', { readers: { all: true } }],
    ['INVALID_SETTING', 'readers[1]', { readers: ['allUsers', 'ci@example.com'] }],
    ['INVALID_SETTING', 'readers[0]', { readers: '["user:Somebody@example.com"]' }],
    ['INVALID_SETTING', 'writers[0]', { writers: ['allUsers'] }],
    ['INVALID_SETTING', 'writers[0]', { writers: ['allAuthenticatedUsers'] }],
    ['INVALID_SETTING', 'enableApis', { enableApis: 'yes' }],
    ['INVALID_SETTING', 'enableApis', { enableApis: 0 }],
    ['INVALID_SETTING', 'refreshTrigger', { refreshTrigger: 'refresh' }],
    ['INVALID_SETTING', 'refreshSchedule', { refreshSchedule: '0 24 * * *' }],
    ['INVALID_SETTING', 'refreshPipelineRef', { refreshPipelineRef: 'a..b' }],
    ['MISSING_SETTING', 'refreshPipelineRef', { refreshPipelineRef: '' }],
    ['INVALID_SETTING', 'refreshPipelineToken', { refreshPipelineToken: 'glptt-1' }],
    [
      'INVALID_SETTING',
      'refreshPipeline',
      { refreshPipeline: ENCRYPTED, refreshPipelineToken: ENCRYPTED },
    ],
    ['MISSING_SETTING', 'refreshPipelineToken', { refreshPipeline: PIPELINE }],
    ['INVALID_SETTING', 'refreshSchedule', { refreshSchedule: 3 }],
    ['INVALID_SETTING', 'refreshTimeZone', { refreshTimeZone: 'Berlin' }],
    ['INVALID_SETTING', 'refreshTimeZone', { refreshTimeZone: '+02:00' }],
    ['INVALID_SETTING', 'refreshRetries', { refreshRetries: 6 }],
    ['INVALID_SETTING', 'refreshRetries', { refreshRetries: '1.5' }],
    ['INVALID_SETTING', 'refreshRetries', { refreshRetries: -1 }],
    ['INVALID_SETTING', 'refreshDeadlineSeconds', { refreshDeadlineSeconds: 14 }],
    ['INVALID_SETTING', 'refreshDeadlineSeconds', { refreshDeadlineSeconds: '1801' }],
    ['INVALID_SETTING', 'buildTimeoutSeconds', { buildTimeoutSeconds: '0' }],
    ['INVALID_SETTING', 'verify', { verify: 'yes' }],
    ['INVALID_SETTING', 'verifyTimeoutSeconds', { verifyTimeoutSeconds: '86401' }],
    ['INVALID_SETTING', 'refreshPaused', { refreshPaused: 'no' }],
    ['INVALID_SETTING', 'refreshChanges', { refreshChanges: 'push' }],
    ['UNKNOWN_SETTING', 'repositoryid', { repositoryid: 'x' }],
    ['UNKNOWN_SETTING', 'toString', { toString: 'x' }],
  ])('%s %s', (code, path, values) => {
    expect(problemsOf(values)).toMatchObject([{ code, path, file: FILE }]);
  });

  test('everything at once', () => {
    const problems = problemsOf({ registry: 'a b', repositoryId: '', refreshRetries: 9, other: 1 });
    expect(problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'INVALID_SETTING refreshRetries',
      'INVALID_SETTING registry',
      'MISSING_SETTING repositoryId',
      'UNKNOWN_SETTING other',
    ]);
  });

  test('two ways to start the refresh, and their other problems with that', () => {
    const problems = problemsOf({
      refreshTrigger: 'x',
      refreshPipeline: 'y',
      refreshPipelineRef: '-',
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'CONFLICTING_SETTINGS refreshPipeline',
      'INVALID_SETTING refreshPipeline',
      'INVALID_SETTING refreshPipelineRef',
      'INVALID_SETTING refreshTrigger',
      'MISSING_SETTING refreshPipelineToken',
    ]);
    const token = { refreshPipelineToken: ENCRYPTED };
    expect(problemsOf({ refreshTrigger: TRIGGER, refreshPipeline: PIPELINE, ...token })).toEqual([
      {
        code: 'CONFLICTING_SETTINGS',
        file: FILE,
        path: 'refreshPipeline',
        problem: 'refreshTrigger is set as well, and a schedule starts one of them',
        remedy: "keep refreshTrigger for Cloud Build, or refreshPipeline for GitLab's pipeline",
      },
    ]);
  });

  test('a token in plain text, with the command that stores it encrypted', () => {
    const [problem] = problemsOf({ refreshPipeline: PIPELINE, refreshPipelineToken: 'glptt-1' });
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
  const values = Object.fromEntries(
    [...Object.keys(VALUES), 'other'].map((key) => [key, 'HUN TER']),
  );
  expect(JSON.stringify(problemsOf(values))).not.toContain('HUN');
});

test('where the files are stays known while other settings are wrong', () => {
  const parsed = (values: Record<string, unknown>) => parseSettings(values, FILE);
  expect(parsed({ catalog: 'other.yml' })).toMatchObject({ catalog: 'other.yml' });
  expect(parsed({ retention: 'other.yml' })).toMatchObject({ retention: 'other.yml' });
  expect(parsed({ catalog: '../other.yml' })).toMatchObject({ catalog: undefined });
});

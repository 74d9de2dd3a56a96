import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { parseSettings } from '../../src/settings/settings.ts';

const REQUIRED = { registry: 'registry.test', repositoryPrefix: 'ci/images' };
const FILE = 'Pulumi.test.yaml';

function problemsOf(values: Record<string, unknown>): readonly Problem[] {
  const parsed = parseSettings(values, FILE);
  return 'problems' in parsed ? parsed.problems : [];
}

test('registry and prefix are enough; the catalog has its usual place', () => {
  expect(parseSettings(REQUIRED, FILE)).toEqual({
    settings: { ...REQUIRED, catalog: 'config/images.yml' },
  });
});

test('an empty or undefined value is one that was left out', () => {
  const empty = { source: '', registryUsername: '', registryPassword: undefined, catalog: '' };
  expect(parseSettings({ ...REQUIRED, ...empty }, FILE)).toEqual(parseSettings(REQUIRED, FILE));
});

test('the password is not among the settings', () => {
  const credentials = { registryUsername: 'robot', registryPassword: 'hunter2' };
  const settings = parseSettings({ ...REQUIRED, ...credentials }, FILE);
  expect(settings).toMatchObject({ settings: { registryUsername: 'robot' } });
  expect(JSON.stringify(settings)).not.toContain('hunter2');
});

test('an encrypted password is as good as one that can be read', () => {
  const credentials = { registryUsername: 'robot', registryPassword: ENCRYPTED };
  expect(problemsOf({ ...REQUIRED, ...credentials })).toEqual([]);
});

describe('refused', () => {
  test.each<[code: string, path: string, values: Record<string, unknown>]>([
    ['MISSING_SETTING', 'registry', { registry: undefined }],
    ['MISSING_SETTING', 'repositoryPrefix', { repositoryPrefix: '' }],
    ['MISSING_SETTING', 'registryPassword', { registryUsername: 'robot' }],
    ['MISSING_SETTING', 'registryUsername', { registryPassword: 'x' }],
    ['INVALID_SETTING', 'registry', { registry: 'https://registry.test' }],
    ['INVALID_SETTING', 'registry', { registry: ENCRYPTED }],
    ['INVALID_SETTING', 'repositoryPrefix', { repositoryPrefix: 'Upper/Case' }],
    ['INVALID_SETTING', 'repositoryPrefix', { repositoryPrefix: '/ci' }],
    ['INVALID_SETTING', 'catalog', { catalog: '../images.yml' }],
    ['INVALID_SETTING', 'catalog', { catalog: '/images.yml' }],
    ['INVALID_SETTING', 'catalog', { catalog: 'a/../../b' }],
    ['INVALID_SETTING', 'source', { source: 'http://source.test' }],
    ['INVALID_SETTING', 'source', { source: 'https://user:token@source.test' }],
    ['INVALID_SETTING', 'registryUsername', { registryUsername: 7, registryPassword: 'x' }],
    ['UNKNOWN_SETTING', 'repositoryprefix', { repositoryprefix: 'x' }],
    ['UNKNOWN_SETTING', 'toString', { toString: 'x' }],
  ])('%s %s', (code, path, values) => {
    expect(problemsOf({ ...REQUIRED, ...values })).toMatchObject([{ code, path, file: FILE }]);
  });

  test('everything at once', () => {
    const problems = problemsOf({ registry: 'a b', registryUsername: 'x', other: 1 });
    expect(problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'INVALID_SETTING registry',
      'MISSING_SETTING registryPassword',
      'MISSING_SETTING repositoryPrefix',
      'UNKNOWN_SETTING other',
    ]);
  });

  test('a misspelt key with the one that was meant', () => {
    const [problem] = problemsOf({ ...REQUIRED, sorce: 'x' });
    expect(problem?.remedy).toBe('write source');
  });
});

test('no problem quotes a value', () => {
  const keys = ['registry', 'repositoryPrefix', 'catalog', 'source', 'other', 'registryPassword'];
  const values = Object.fromEntries(keys.map((key) => [key, 'HUNTER 2']));
  expect(JSON.stringify(problemsOf(values))).not.toContain('HUNTER');
});

test('where the catalog is stays known while other settings are wrong', () => {
  expect(parseSettings({ catalog: 'other.yml' }, FILE)).toMatchObject({ catalog: 'other.yml' });
  expect(parseSettings({}, FILE)).toMatchObject({ catalog: 'config/images.yml' });
  expect(parseSettings({ catalog: '../other.yml' }, FILE)).not.toHaveProperty('catalog');
});

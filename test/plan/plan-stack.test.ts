import { expect, test } from 'vitest';
import { planStack } from '../../src/plan/plan-stack.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { parseSettings, type ParsedSettings } from '../../src/settings/parse-settings.ts';
import { briefly, CATALOG, CHECKOUT, edited, type Files } from '../catalog/checkout.ts';
import { someSettings, VALUES } from '../settings/some-settings.ts';
import { memoryTree } from '../support/memory-tree.ts';

const SETTINGS = { settings: someSettings() };
const BROKEN = parseSettings({ ...VALUES, repositoryId: 'A' }, 'Pulumi.test.yaml');
const RETENTION = 'config/retention.yml';
const GOOD =
  'dryRun: true\nwindow: 90d\nkeepNewest: 5\nuntaggedAfter: 14d\ngracePeriod: 30d\nsources: []\n';

function told(files: Files, settings: ParsedSettings = SETTINGS): readonly string[] {
  try {
    planStack(memoryTree(files), settings);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(briefly).toSorted();
    throw error;
  }
}

test('a stack is its settings, its images and its retention', () => {
  const plan = planStack(memoryTree({ ...CHECKOUT, [RETENTION]: GOOD }), SETTINGS);
  expect(plan.images.map(({ name }) => name)).toEqual([
    'debian-12',
    'ubuntu-22.04',
    'ubuntu-devel',
    'vm-ubuntu-2004',
    'vm-fedora-41',
    'vm-fedora-next',
  ]);
  expect(plan.retention).toMatchObject({ dryRun: true, keepNewest: 5 });
  expect(plan.settings).toBe(SETTINGS.settings);
  expect(plan.warnings).toEqual([]);
});

test('settings, catalog and retention report all their problems at once', () => {
  const files = { ...edited(CATALOG, '"24.10"', '24.10'), [RETENTION]: GOOD.replace('90d', '90') };
  expect(told(files, BROKEN)).toEqual([
    'INVALID_DURATION window config/retention.yml:2:9',
    'INVALID_SETTING repositoryId Pulumi.test.yaml',
    `UNQUOTED_VERSION images[1].versions[1].version ${CATALOG}:20:18`,
  ]);
});

test('a retention file that is not there is never taken for one without rules', () => {
  expect(told(CHECKOUT)).toEqual(['FILE_MISSING config/retention.yml']);
});

test('an allowed image that the catalog does not have is a warning', () => {
  const files = { ...CHECKOUT, [RETENTION]: `${GOOD}allow: [debian-12, debian-21]\n` };
  expect(planStack(memoryTree(files), SETTINGS).warnings).toEqual([
    'config/retention.yml: allow names debian-21, which is not in the catalog: misspelled, or gone from it',
  ]);
});

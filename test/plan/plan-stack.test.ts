import { describe, expect, test } from 'vitest';
import { formatImageReference, parseTag } from '../../src/image-reference.ts';
import { planStack, sourceTagOf } from '../../src/plan/plan-stack.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import { APT, briefly, CATALOG, CHECKOUT, edited, type Files } from '../catalog/checkout.ts';
import { RETENTION } from '../cli/checkout-fixture.ts';
import { someSettings, VALUES } from '../settings/some-settings.ts';
import { branch } from '../retention/any-references.ts';
import { known } from '../support/fixtures.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { somePlannedCopy } from '../support/some-planned-image.ts';

const SETTINGS = { settings: someSettings({ registry: 'registry.test:5000' }) };

function planOf(files: Files, parsed = parseSettings(VALUES, ''), catalog?: string) {
  return planStack(memoryTree({ 'config/retention.yml': RETENTION, ...files }), parsed, catalog);
}

/** The problems that keep a checkout from being planned. */
function problemsIn(files: Files, parsed = parseSettings(VALUES, '')): readonly string[] {
  try {
    planOf(files, parsed);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(briefly).toSorted();
    throw error;
  }
}

test('a stack is its settings, its images in the order of the catalog, and its retention', () => {
  const plan = planOf(CHECKOUT, SETTINGS);
  expect(plan.images.map(({ name }) => name)).toEqual([
    'debian-12',
    'ubuntu-22.04',
    'ubuntu-devel',
    'vm-ubuntu-2004',
    'vm-fedora-41',
    'vm-fedora-next',
    'vm-kubespray-ci',
  ]);
  expect(plan.retention).toMatchObject({ dryRun: true, keepNewest: 5 });
  expect(plan.settings).toBe(SETTINGS.settings);
  expect(plan.warnings).toEqual([]);
});

test('an image is planned as registry/prefix/name:tag, and its tag depends on none of them', () => {
  const [planned] = planOf(CHECKOUT, SETTINGS).images;
  expect(planned).toMatchObject({
    registry: 'registry.test:5000',
    repository: 'some-project/images/debian-12',
  });
  expect(planned && formatImageReference(planned.reference)).toBe(
    `registry.test:5000/some-project/images/debian-12:${String(planned?.tag)}`,
  );
  const [other] = planOf(CHECKOUT, { settings: someSettings({ registry: 'other.test' }) }).images;
  expect(other?.tag).toBe(planned?.tag);
});

test('a catalog chosen by hand is planned in place of the one in the settings', () => {
  const files = { ...CHECKOUT, 'other.yml': 'images: []' };
  expect(() => planOf(files, SETTINGS, 'other.yml')).toThrow(/other\.yml:1:9/);
});

test('settings, catalog, contexts, ignore files and retention report all their problems at once', () => {
  const files = {
    ...edited(CATALOG, '"24.10"', '24.10'),
    'contexts/apt/.dockerignore': 'a\n[\n',
    'contexts/stages/pipe': { other: true } as const,
    'config/retention.yml': RETENTION.replace('90d', '90'),
  };
  const broken = parseSettings({ ...VALUES, repositoryId: 'A' }, 'Pulumi.test.yaml');
  expect(problemsIn(files, broken)).toEqual([
    'CONTEXT_UNSUPPORTED_FILE contexts/stages/pipe',
    'DOCKERIGNORE_PATTERN [ contexts/apt/.dockerignore:2:1',
    'INVALID_DURATION window config/retention.yml:2:9',
    'INVALID_SETTING repositoryId Pulumi.test.yaml',
    `UNQUOTED_VERSION images[1].versions[1].version ${CATALOG}:20:18`,
  ]);
});

test('the context of an entry that is wrong otherwise is checked all the same', () => {
  // It is the only entry that uses this context.
  const files = { ...edited(CATALOG, '"12"', '12'), 'contexts/apt/.dockerignore': 'a\n[\n' };
  expect(problemsIn(files)).toEqual([
    'DOCKERIGNORE_PATTERN [ contexts/apt/.dockerignore:2:1',
    `UNQUOTED_VERSION images[0].version ${CATALOG}:8:14`,
  ]);
});

test('a problem in a context that two Dockerfiles share is reported once', () => {
  const other = '{ distribution: x, version: "1", base: *b, dockerfile: Other }';
  const files = {
    ...CHECKOUT,
    [CATALOG]: String(CHECKOUT[CATALOG])
      .replace('base: docker.io/library/debian', 'base: &b docker.io/library/debian')
      .concat(`  - ${other}\n`),
    'contexts/apt/Other': String(CHECKOUT[APT]),
    'contexts/apt/pipe': { other: true } as const,
  };
  expect(problemsIn(files)).toEqual(['CONTEXT_UNSUPPORTED_FILE contexts/apt/pipe']);
});

test('a file in the context of VM disks, which are built without it, is reported once for all of them', () => {
  const files = { ...CHECKOUT, 'config/contexts/vm-disk/README.md': 'x' };
  expect(problemsIn(files)).toEqual(['DISK_CONTEXT_FILE config/contexts/vm-disk/README.md']);
  expect(problemsIn({ ...files, 'config/contexts/vm-disk/.dockerignore': '*.md\n' })).toEqual([]);
});

describe('the tag of a copy at its source', () => {
  const image = somePlannedCopy();
  const named = (tag: string | undefined, place = {}) => {
    const from = { ...image.from, ...place, tag: tag === undefined ? tag : known(parseTag(tag)) };
    return sourceTagOf({ ...image, from }, [branch('ci-main')]);
  };

  test.each(['v13', 'main', 'ci-main-2'])('becomes one of the copy: %s', (tag) => {
    expect(named(tag)).toBe(tag);
  });

  test.each([
    undefined,
    'latest',
    image.tag,
    `${image.tag}-linux-amd64`,
    'ci-main',
    'ci-main-v13-0123abcd',
  ])('does not where it has a meaning of its own here: %s', (tag) => {
    expect(named(tag)).toBeUndefined();
  });

  test('stays what it is where the source is published in the same place', () => {
    const { registry, repository } = image;
    expect(named('v13', { registry })).toBe('v13');
    expect(named('v13', { registry, repository })).toBeUndefined();
  });
});

test('names that registry and prefix make too long are reported with their places', () => {
  // 'registry.test:5000/some-project/images/' has 39 characters: 39 + 216 = 255.
  const named = (length: number) => edited(CATALOG, 'ubuntu-devel', 'x'.repeat(length));
  expect(problemsIn(named(216), SETTINGS)).toEqual([]);
  expect(problemsIn(named(217), SETTINGS)).toEqual([
    `NAME_TOO_LONG images[1].versions[1].name ${CATALOG}:22:15`,
  ]);
});

test('a retention file that is not there is never taken for one without rules', () => {
  expect(() => planStack(memoryTree(CHECKOUT), SETTINGS)).toThrow(
    /config\/retention\.yml {2}FILE_MISSING/,
  );
});

test('an allowed image that the catalog does not have is a warning', () => {
  const files = {
    ...CHECKOUT,
    'config/retention.yml': `${RETENTION}allow: [debian-12, debian-21]\n`,
  };
  expect(planOf(files).warnings).toEqual([
    'config/retention.yml: allow names debian-21, which is not in the catalog: misspelled, or gone from it',
  ]);
});

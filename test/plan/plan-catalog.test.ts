import { expect, test } from 'vitest';
import { formatImageReference } from '../../src/image-reference.ts';
import { planCatalog } from '../../src/plan/plan-catalog.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { parseSettings, type ParsedSettings } from '../../src/settings/parse-settings.ts';
import { APT, briefly, CATALOG, CHECKOUT, edited, type Files } from '../catalog/checkout.ts';
import { someSettings, VALUES } from '../settings/some-settings.ts';
import { memoryTree } from '../support/memory-tree.ts';

const SETTINGS = { settings: someSettings({ registry: 'registry.test:5000' }) };
const BROKEN = parseSettings({ ...VALUES, registry: 'https://x' }, 'Pulumi.test.yaml');

function told(files: Files, settings: ParsedSettings = SETTINGS): readonly string[] {
  try {
    planCatalog(memoryTree(files), settings);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(briefly).toSorted();
    throw error;
  }
}

const IGNORE_FILE = { 'contexts/apt/.dockerignore': 'a\n[\n' };
const PIPE = { 'contexts/stages/pipe': { other: true } } as const;

test('a checkout without problems is planned, in the order of its catalog', () => {
  const { images } = planCatalog(memoryTree(CHECKOUT), SETTINGS);
  expect(images.map(({ name }) => name)).toEqual([
    'debian-12',
    'ubuntu-22.04',
    'ubuntu-devel',
    'vm-ubuntu-2004',
    'vm-fedora-41',
    'vm-fedora-next',
  ]);
});

test('an image is planned as registry/prefix/name:tag', () => {
  const [planned] = planCatalog(memoryTree(CHECKOUT), SETTINGS).images;
  expect(planned).toMatchObject({
    registry: 'registry.test:5000',
    repository: 'some-project/images/debian-12',
  });
  expect(planned && formatImageReference(planned.reference)).toBe(
    `registry.test:5000/some-project/images/debian-12:${String(planned?.tag)}`,
  );
});

test('where images are published does not matter to their tags', () => {
  const tags = (registry: string) => {
    const settings = someSettings({ registry });
    return planCatalog(memoryTree(CHECKOUT), { settings }).images.map(({ tag }) => tag);
  };
  expect(tags('other.test')).toEqual(tags('registry.test:5000'));
});

test('settings, catalog, contexts and ignore files report all their problems at once', () => {
  const files = { ...edited(CATALOG, '"24.10"', '24.10'), ...IGNORE_FILE, ...PIPE };
  expect(told(files, BROKEN)).toEqual([
    'CONTEXT_UNSUPPORTED_FILE contexts/stages/pipe',
    'DOCKERIGNORE_PATTERN [ contexts/apt/.dockerignore:2:1',
    'INVALID_SETTING registry Pulumi.test.yaml',
    `UNQUOTED_VERSION images[1].versions[1].version ${CATALOG}:20:18`,
  ]);
});

test('the context of an entry that is wrong otherwise is checked all the same', () => {
  // It is the only entry that uses this context.
  const files = { ...edited(CATALOG, '"12"', '12'), ...IGNORE_FILE };
  expect(told(files)).toEqual([
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
  expect(told(files)).toEqual(['CONTEXT_UNSUPPORTED_FILE contexts/apt/pipe']);
});

test('names that registry and prefix make too long are reported with their places', () => {
  // 'registry.test:5000/some-project/images/' has 39 characters: 39 + 216 = 255.
  const named = (length: number) => edited(CATALOG, 'ubuntu-devel', 'x'.repeat(length));
  expect(told(named(216))).toEqual([]);
  expect(told(named(217))).toEqual([`NAME_TOO_LONG images[1].versions[1].name ${CATALOG}:22:15`]);
});

test('a catalog chosen by hand is planned in place of the one in the settings', () => {
  const files = { ...CHECKOUT, 'other.yml': 'images: []' };
  expect(() => planCatalog(memoryTree(files), SETTINGS, 'other.yml')).toThrow(/other\.yml:1:9/);
});

test('a file in the context of VM disks, which are built without it, is reported once for all of them', () => {
  const files = { ...CHECKOUT, 'config/contexts/vm-disk/README.md': 'x' };
  expect(told(files)).toEqual(['DISK_CONTEXT_FILE config/contexts/vm-disk/README.md']);
  expect(told({ ...files, 'config/contexts/vm-disk/.dockerignore': '*.md\n' })).toEqual([]);
});

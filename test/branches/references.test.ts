import { expect, test } from 'vitest';
import type { Source } from '../../src/branches/source.ts';
import { compareWithCatalog, withCatalog } from '../../src/branches/references.ts';
import { branch, need } from '../retention/any-references.ts';
import { tag } from '../retention/retention-fixture.ts';

const FILE = 'config/images.yml';
const MAIN = branch('main');
const RELEASE = branch('release-2.31');
const OWN: Source = {
  name: 'ci',
  repository: '.',
  branches: { default: 'main' },
  pins: [],
  accept: [],
  references: [{ catalog: FILE }],
};
const places = [{ file: FILE, line: 2 }];
const TAGS = [{ name: 'debian-13', tag: tag('v2'), line: 7 }];

test('the catalog stands in for what the default branch has of it, and for nothing else', () => {
  const others = [need(MAIN, 'fedora-43'), { ...need(RELEASE, 'debian-12', 'v1'), places }];
  const needs = [{ ...need(MAIN, 'debian-12', 'v1'), places }, ...others];
  const references = { branches: [MAIN, RELEASE], needs };
  expect(withCatalog(references, [OWN], FILE, TAGS)).toEqual({
    branches: [MAIN, RELEASE],
    needs: [
      {
        branch: MAIN,
        image: 'debian-13',
        tag: 'v2',
        isBare: false,
        places: [{ file: FILE, line: 7 }],
      },
      ...others,
    ],
  });
});

test('a catalog is no reference to its own images', () => {
  const own = { ...MAIN, found: { [FILE]: ['debian-12', 'suse-15', 'gone'] } };
  const consumer = { ...branch('main', 'user'), found: { ' by x': ['debian-12', 'x'] } };
  const reader = { files: [], key: 'x', image: '${image}', optional: false, ignore: [] };
  const user: Source = { ...OWN, name: 'user', references: [reader] };
  expect(
    compareWithCatalog({ branches: [own, consumer] }, [OWN, user], ['debian-12', 'suse-15']),
  ).toEqual({
    notInCatalog: { consumers: ['x'], catalogs: ['gone'] },
    notReferenced: ['suse-15'],
  });
});

test.each([
  ['another repository', { ...OWN, repository: '../other' }],
  ['a list of branches, whose first may be a release', { ...OWN, branches: { only: ['main'] } }],
  ['another catalog', { ...OWN, references: [{ catalog: 'other.yml' }] }],
])('%s has nothing to do with it', (_, source) => {
  const references = { branches: [MAIN], needs: [{ ...need(MAIN, 'debian-12', 'v1'), places }] };
  expect(withCatalog(references, [source], FILE, TAGS)).toEqual(references);
});

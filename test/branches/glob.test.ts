import { expect, test } from 'vitest';
import { compileGlob } from '../../src/branches/pattern.ts';

test.each([
  ['tests/files/*.yml', 'tests/files/packet_ubuntu.yml', true],
  ['tests/files/*.yml', 'tests/files/sub/a.yml', false],
  ['tests/files/*.yml', 'x/tests/files/a.yml', false],
  ['tests/files/*.yml', 'tests/files/a.yaml', false],
  ['tests/files/*.yml', 'tests/files/a-yml', false],
  ['roles/**/molecule/**/molecule.yml', 'roles/molecule/molecule.yml', true],
  ['roles/**/molecule/**/molecule.yml', 'roles/a/b/molecule/default/molecule.yml', true],
  ['roles/**/molecule/**/molecule.yml', 'roles/a/molecule.yml', false],
  ['**/*.yml', '.gitlab-ci/.hidden.yml', true],
  ['**/*.yml', 'a.yml', true],
  ['*', 'a', true],
  ['*', 'a/b', false],
  ['v?.txt', 'v1.txt', true],
  ['v?.txt', 'v😀.txt', true],
  ['v?.txt', 'v/.txt', false],
  ['a+(b)$.c', 'a+(b)$.c', true],
])('%j and %j: %j', (glob, path, matches) => {
  expect(compileGlob(glob)?.(path)).toBe(matches);
});

test.each([
  '',
  '/a',
  'a/',
  'a//b',
  './a',
  '../a',
  'a/..',
  'a**',
  '**',
  'a/**',
  '[ab]',
  '{a,b}',
  '!a',
])('%j can be meant, but matches no file here', (glob) => {
  expect(compileGlob(glob)).toBeUndefined();
});

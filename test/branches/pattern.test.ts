import { expect, test } from 'vitest';
import { compilePattern, compileGlob } from '../../src/branches/pattern.ts';

test.each([
  `cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`,
  'quay\\.io/kubespray/(?<image>vm-[a-z0-9.-]+):(?<tag>\\w[\\w.-]*)',
  '(?:image|name): (?<image>\\S+)',
  '(?<image>[a-z]+)(?::(?<tag>\\w+))?',
  '(?<image>a(?:\\*|x)?)',
  '(?<image>[(*]a\\(b*\\))',
])('%s can be used', (text) => {
  expect(compilePattern(text)).toHaveProperty('pattern');
});

test.each([
  '(?<image>(?:a+)+)b',
  '(?<image>(?:a|a)*)b',
  '(?<image>(?:a?a?)*)b',
  '(?<image>(?:(?:a*)b)+)',
  '(?<image>(?:[a-z]+){2,})',
  '(?<image>x)(?:[(]a+)*',
])('%s may take forever', (text) => {
  expect(compilePattern(text)).toMatchObject({
    problem: expect.stringContaining('forever') as unknown,
  });
});

test('all named groups are returned', () => {
  expect(compilePattern('(?<distro>\\w+)-(?<image>\\w+):(?<tag>\\w+)')).toMatchObject({
    groups: ['distro', 'image', 'tag'],
  });
});

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
  ['*a*a*a*a*b', 'a'.repeat(100)],
  ['**/**/**/**/**/**/b', `${'a/'.repeat(50)}a`],
])('the glob %s takes no time that grows with each star', (glob, path) => {
  const start = performance.now();
  expect(compileGlob(glob)?.(path)).toBe(false);
  expect(performance.now() - start).toBeLessThan(500);
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

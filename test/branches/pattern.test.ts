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
  ['(?<image>(?:a+)+)b', 'a'],
  ['(?<image>(?:a|a)*)b', 'a'],
  ['(?<image>x)?(?:[(]a+)*b', '(a'],
  [`${'\\s*'.repeat(60)}(?<image>b)`, ' '],
  [`${'[a-z]*[a-z.]*'.repeat(30)}-(?<image>b)`, 'z'],
])('%s takes no time that grows with its repetitions', (text, line) => {
  const compiled = compilePattern(text);
  const start = process.threadCpuUsage();
  const matches = 'pattern' in compiled && [...compiled.pattern.matchAll(line.repeat(1000))];
  expect(matches).toEqual([]);
  expect(process.threadCpuUsage(start).user).toBeLessThan(1_000_000); // microseconds
});

test.each(['(?=a)(?<image>b)', '(?<!a)(?<image>b)', '(?<image>a)\\k<image>', '(?<image>a{1001})'])(
  '%s needs what takes longer with each repetition',
  (text) => {
    expect(compilePattern(text)).toMatchObject({
      problem: expect.stringContaining('RE2') as unknown,
    });
  },
);

const LINES = [
  '  image: quay.io/kubespray/vm-kubespray-ci:v13',
  'image: "quay.io/kubespray/vm-a.b@sha256:0f" # quay.io/kubespray/vm-c:1, quay.io/kubespray/vm-d',
  "😀 cloud_image:   'debian-12' cloud_image:ubuntu-2404 cloud_image: Debian",
  'quay.io/kubespray/vm-:v quay-io/kubespray/vm-x quay.io/kubespray/vm-',
  '- name: "x" image: registry.example/a:1@sha256:2',
  '',
];

/** The patterns of the shipped configuration and of the schema's examples, and what they are like. */
test.each([
  String.raw`quay\.io/kubespray/(?<image>vm-[a-z0-9.-]+)(?::(?<tag>\w[\w.-]*))?(?:@(?<digest>sha256:\w+))?`,
  `cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`,
  '(?:image|name): (?<image>\\S+)',
  String.raw`^\s*-?\s*image:\s{1,3}(?<image>[^:@]+)(?::(?<tag>\d+)|$)`,
  String.raw`\bvm-(?<image>\p{L}+?)\b`,
])('%s finds what it finds as a regular expression of JavaScript', (text) => {
  const compiled = compilePattern(text);
  for (const line of LINES) {
    const found = 'pattern' in compiled ? [...compiled.pattern.matchAll(line)] : [];
    const expected = [...line.matchAll(new RegExp(text, 'gu'))];
    const plain = (matches: readonly RegExpMatchArray[]) =>
      matches.map(({ 0: whole, index, groups }) => ({ whole, index, groups: { ...groups } }));
    expect(plain(found)).toEqual(plain(expected));
  }
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
  const start = process.threadCpuUsage();
  expect(compileGlob(glob)?.(path)).toBe(false);
  expect(process.threadCpuUsage(start).user).toBeLessThan(500_000); // microseconds
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

import { expect, test } from 'vitest';
import { compilePattern } from '../../src/branches/pattern.ts';

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

test('all named groups are told', () => {
  expect(compilePattern('(?<distro>\\w+)-(?<image>\\w+):(?<tag>\\w+)')).toMatchObject({
    groups: ['distro', 'image', 'tag'],
  });
});

import { expect, test } from 'vitest';
import { patternKey } from '../../src/branches/pattern-key.ts';

const B = `["'\\s]*`;

test.each([
  [`cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`, `(?<![\\w-])cloud_image${B}:`],
  ['cloud_image\\s*:[ \\t]*(?<image>x)', `(?<![\\w-])cloud_image${B}:`],
  ['^\\s*-?\\s*image:\\s{1,3}(?<image>y)', `(?<![\\w-])image${B}:`],
  ['quay\\.io/images/(?<image>vm-[a-z]+):(?<tag>\\w+)', '(?<![\\w-])quay\\.io\\/images\\/vm-'],
  ['quay.io/images/(?<image>[a-z]+)', '(?<![\\w-])io\\/images\\/'],
  ['image: (?<image>debian-\\d+|x)', `(?<![\\w-])image${B}:`],
  ['"(?:a|b)-image=(?<image>[y])', `-image${B}=`],
  ['(?:cloud|vm)_image: (?<image>x)', `_image${B}:`],
  ['[a-z]+_image: (?<image>x)', `_image${B}:`],
  ['\\w*image: (?<image>x)', `image${B}:`],
  ['.*_image: (?<image>x)', `_image${B}:`],
  ['cloud[_-]image: (?<image>x)', `image${B}:`],
  ['cloud_?image: (?<image>x)', `image${B}:`],
  ['(?:^|[ ,]|my(?:_|-))image: (?<image>x)', `image${B}:`],
  ['(?:^|[ ,])cloud_image: (?<image>x)', `(?<![\\w-])cloud_image${B}:`],
  ['\\s(?:- )?cloud_image: (?<image>x)', `(?<![\\w-])cloud_image${B}:`],
  ['\\bcloud_image\\b\\s*[:=] *(?<image>x)', `(?<![\\w-])cloud_image${B}[:=]`],
  ['cloud(?:\\.)?image: (?<image>x)', `image${B}:`],
  ['old|image: (?<image>x)', `(?<![\\w-])image${B}:`],
  ['my_(?:old|image: (?<image>x))', `image${B}:`],
  ['(?:old|key: (?<image>x))', `(?<![\\w-])key${B}:`],
  ['x{3}\\p{L}+key: (?<image>y)', `key${B}:`],
])('%s requires a key', (pattern, source) => {
  expect(patternKey(pattern)?.source).toBe(source);
});

test.each([
  '(?<image>[a-z]+)',
  '(?:image|name): (?<image>\\S+)',
  'images?: (?<image>y)',
  'k: (?<image>y)',
])('%s requires none', (pattern) => {
  expect(patternKey(pattern)).toBeUndefined();
});

test('the key takes no time that grows with each of its blanks', () => {
  const key = patternKey(`abc${' \t'.repeat(5)}x=(?<image>y)`);
  const start = process.threadCpuUsage();
  expect(key?.test(`abc${' \t'.repeat(100)}`)).toBe(false);
  expect(process.threadCpuUsage(start).user).toBeLessThan(500_000); // microseconds
});

import { expect, test } from 'vitest';
import { isIgnored, parseDockerignore } from '../../src/tag/dockerignore.ts';

/** One merge request may not hang every job: whoever matches with backtracking never comes back. */
test.each<[kind: string, pattern: string, path: string]>([
  ['stars', `${'*a'.repeat(30)}b`, 'a'.repeat(200)],
  ['stars and question marks', `${'*?'.repeat(30)}b`, 'a'.repeat(200)],
  ['levels', `${'**/a/'.repeat(30)}b`, 'a/'.repeat(100) + 'a'],
  ['levels without a name between them', `${'**/'.repeat(10_000)}b`, 'a/'.repeat(100) + 'a'],
  ['levels and stars', `${'**/*a*a/'.repeat(15)}b`, 'aaaa/'.repeat(40) + 'a'],
  ['sets', `${'*[a-c]'.repeat(30)}[d-f]`, 'a'.repeat(200)],
])('a pattern takes no longer than its length times the path: %s', (_, pattern, path) => {
  const { rules, problems } = parseDockerignore(pattern, '.dockerignore');
  expect(problems).toEqual([]);
  const start = process.threadCpuUsage();
  expect(isIgnored(rules, path)).toBe(false);
  const { user } = process.threadCpuUsage(start);
  expect(user / 1000).toBeLessThan(5000); // It takes some milliseconds.
});

test.each<[pattern: string, path: string]>([
  ['*a*b*c', 'xaxbxc'],
  ['**/a/**/b', 'x/a/x/y/b'],
  ['**/**/a', 'a'],
  ['a**b', 'a/x/b'],
  ['[😀-😂]?', '😁😁'],
])('all ways to read a path are followed: %s matches %s', (pattern, path) => {
  expect(isIgnored(parseDockerignore(pattern, '').rules, path)).toBe(true);
  expect(isIgnored(parseDockerignore(pattern, '').rules, `${path}x`)).toBe(false);
});

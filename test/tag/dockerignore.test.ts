import { describe, expect, test } from 'vitest';
import { isIgnored, parseDockerignore } from '../../src/tag/dockerignore.ts';

const FILES = ['a', 'a.md', 'b/a', 'b/c/a', 'b/c/d.md', 'README.md', '.env', 'ä/x', '#a', '$x'];

function ignoredFiles(text: string, files = FILES): readonly string[] {
  const { rules, problems } = parseDockerignore(text, '.dockerignore');
  expect(problems).toEqual([]);
  return files.filter((path) => isIgnored(rules, path));
}

/** The files that `COPY . /` leaves out when each text is the ignore file (seen on Docker Engine). */
describe.each<[rule: string, text: string, ignored: readonly string[]]>([
  ['no pattern ignores nothing', '', []],
  ['a plain pattern is anchored at the context', 'a', ['a']],
  ['a leading slash changes nothing', '/a', ['a']],
  ['a trailing slash changes nothing', 'b/', ['b/a', 'b/c/a', 'b/c/d.md']],
  ['a matched directory takes the files below it along', 'b/c', ['b/c/a', 'b/c/d.md']],
  ['* stays within a path component', '*.md', ['a.md', 'README.md']],
  ['* is also no text', 'a*', ['a', 'a.md']],
  ['*/ is exactly one level', '*/*.md', []],
  ['**/ is any number of levels, also none', '**/a', ['a', 'b/a', 'b/c/a']],
  ['**/ in the middle crosses levels', 'b/**/a', ['b/a', 'b/c/a']],
  ['**/ twice is the same as once', '**/**/a', ['a', 'b/a', 'b/c/a']],
  ['a dot is no wildcard', '.env', ['.env']],
  ['a dollar sign is no anchor', '$x', ['$x']],
  ['# in the first column is a comment', '#a', []],
  ['# after a space is none', ' #a', ['#a']],
  ['spaces around a pattern do not count', '  a \t\r', ['a']],
  ['a byte order mark does not count', '\uFEFFa', ['a']],
  ['! keeps a file that an earlier pattern ignores', '*.md\n!README.md', ['a.md']],
  ['! reaches into an ignored directory', 'b\n!b/c/d.md', ['b/a', 'b/c/a']],
  ['! keeps the files below a directory', 'b\n!b/c/', ['b/a']],
  ['! keeps a file that a pattern with **/ ignores', '**/d.md\n!b/c/d.md', []],
  ['spaces after ! do not count', '*.md\n!  README.md', ['a.md']],
])('%s', (_, text, ignored) => {
  test(JSON.stringify(text), () => {
    expect(ignoredFiles(text)).toEqual(ignored);
  });
});

test.each<[reason: string, lines: string, line: number, column: number]>([
  ['a set of characters', '[a-z]', 1, 1],
  ['? for one character', 'ok\nab?', 2, 3],
  ['a backslash', 'a\\*', 1, 2],
  ['a plus, which Docker 20.10 takes for a repetition', 'c++', 1, 2],
  ['braces, which no Docker expands', '*.{a,b}', 1, 3],
  ['white space that not everybody trims', 'a\u0085', 1, 2],
  ['a byte order mark inside of the file', 'ok\na\uFEFF', 2, 2],
  ['** run into a name, which Docker 20.10 takes for **/', '**.log', 1, 1],
  ['** behind a name', 'a/b**/c', 1, 1],
  ['** at the end', 'ok\n b/**', 2, 2],
  ['** alone', '**', 1, 1],
  ['the context itself', '/', 1, 1],
  ['a path above the context', '../a', 1, 1],
  ['a path that is not plain', 'a/./b', 1, 1],
  ['an empty part of a path', 'a//b', 1, 1],
  ['! alone', '!', 1, 1],
  ['! twice', '!!a', 1, 1],
  ['! behind a slash, which Docker takes for !', '/!a', 1, 1],
  ['! with a wildcard', 'b\n!b/*.md', 2, 1],
  ['! above another pattern', 'a*\n!a.md\n*.md', 3, 1],
  ['! where nothing is ignored, which only Docker 20.10 keeps', 'b/a\n!b', 2, 1],
  ['! in a folder that **/ ignores, where Docker 20.10 sends all', '**/b\n!b/c', 2, 1],
])('rejected with its line and column: %s', (_, text, line, column) => {
  const { problems } = parseDockerignore(`# first\n${text}\n`, 'ctx/.dockerignore');
  const path = text.split('\n')[line - 1]?.trim();
  expect(problems).toEqual([
    {
      ...{ code: 'DOCKERIGNORE_PATTERN', file: 'ctx/.dockerignore', line: line + 1, column },
      ...{ path, problem: expect.any(String) as string, remedy: expect.any(String) as string },
    },
  ]);
});

test('every rejected pattern of a file is reported at once, and none for another', () => {
  const { problems } = parseDockerignore('[a\nfine\n!a/b\n**\n', '.dockerignore');
  expect(problems.map(({ line }) => line)).toEqual([1, 4]);
});

/** One merge request may not stop every job: with backtracking, matching never ends. */
test.each<[kind: string, pattern: string, path: string]>([
  ['stars', `${'*a'.repeat(30)}b`, 'a'.repeat(200)],
  ['levels', `${'**/a/'.repeat(30)}b`, 'a/'.repeat(100) + 'a'],
  ['levels without a name between them', `${'**/'.repeat(10_000)}b`, 'a/'.repeat(100) + 'a'],
  ['levels and stars', `${'**/*a*a/'.repeat(15)}b`, 'aaaa/'.repeat(40) + 'a'],
])('a pattern takes no longer than its length times the path: %s', (_, pattern, path) => {
  const start = process.threadCpuUsage();
  expect(ignoredFiles(pattern, [path])).toEqual([]);
  const { user } = process.threadCpuUsage(start);
  expect(user / 1000).toBeLessThan(5000); // It takes some milliseconds.
});

test.each<[pattern: string, path: string]>([
  ['*a*b*c', 'xaxbxc'],
  ['*ab', 'aab'],
  ['**/a/**/b', 'x/a/x/y/b'],
  ['**/a/b', 'a/a/b'],
  ['**/**/a', 'a'],
  ['*😀', '😁😀'],
])('all ways to read a path are followed: %s matches %s', (pattern, path) => {
  expect(ignoredFiles(pattern, [path, `${path}x`])).toEqual([path]);
});

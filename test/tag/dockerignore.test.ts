import { describe, expect, test } from 'vitest';
import { isIgnored, parseDockerignore } from '../../src/tag/dockerignore.ts';

const FILES = ['a', 'a.md', 'b/a', 'b/c/a', 'b/c/d.md', 'README.md', '.env', 'ä/x', '#a', 'é*'];

function keptFiles(text: string): readonly string[] {
  const { rules, problems } = parseDockerignore(text, '.dockerignore');
  expect(problems).toEqual([]);
  return FILES.filter((path) => !isIgnored(rules, path));
}

/** What `COPY . /` brings into an image when each text is the ignore file (seen on Docker Engine). */
describe.each<[rule: string, text: string, ignored: readonly string[]]>([
  ['no pattern ignores nothing', '', []],
  ['a plain pattern is anchored at the context', 'a', ['a']],
  ['a leading slash changes nothing', '/a', ['a']],
  ['a trailing slash changes nothing', 'b/', ['b/a', 'b/c/a', 'b/c/d.md']],
  ['dots are resolved', './x/../a', ['a']],
  ['a path above the context matches nothing', '../a', []],
  ['a matched directory takes what is below it along', 'b/c', ['b/c/a', 'b/c/d.md']],
  ['* stays within a path component', '*.md', ['a.md', 'README.md']],
  ['*/ is exactly one level', '*/*.md', []],
  ['? is one character of a component', '?', ['a', 'b/a', 'b/c/a', 'b/c/d.md', 'ä/x']],
  ['** crosses any number of levels, also none', '**/a', ['a', 'b/a', 'b/c/a']],
  ['** in the middle crosses levels', 'b/**/a', ['b/a', 'b/c/a']],
  ['** at the end takes all below', 'b/**', ['b/a', 'b/c/a', 'b/c/d.md']],
  ['a set takes one of its characters', '[a-c]', ['a', 'b/a', 'b/c/a', 'b/c/d.md']],
  ['^ turns a set around', '[^a]', ['b/a', 'b/c/a', 'b/c/d.md', 'ä/x']],
  ['a dot is no wildcard', '.env', ['.env']],
  ['a backslash takes the next character literally', 'é\\*', ['é*']],
  ['# in the first column is a comment', '#a', []],
  ['# after a backslash or a space is none', '\\#a', ['#a']],
  ['spaces around a pattern do not count', '  a \t\r', ['a']],
  ['a byte order mark does not count', '\uFEFFa', ['a']],
  ['! takes back what an earlier pattern ignored', '*.md\n!README.md', ['a.md']],
  ['the last match wins', '!a.md\n*.md', ['a.md', 'README.md']],
  ['! reaches into an ignored directory', 'b\n!b/c/d.md', ['b/a', 'b/c/a']],
  ['spaces after ! do not count', '*.md\n!  README.md', ['a.md']],
  ['what only newer engines send counts as sent', 'b\n!**/d.md', ['b/a', 'b/c/a']],
  ['what only Docker 20.10 sends counts as sent', 'b/a\n!b', []],
])('%s', (_, text, ignored) => {
  test(JSON.stringify(text), () => {
    expect(FILES.filter((path) => !keptFiles(text).includes(path))).toEqual(ignored);
  });
});

test.each([
  ['a set without an end', '[a'],
  ['a set that is empty', 'a[]'],
  ['a set with a dash at its end', '[a-]'],
  ['a range that runs backwards', '[z-a]'],
  ['a backslash at the end', 'a\\'],
  ['! alone', '!'],
  ['! before the root', '!/..'],
  ['a regular expression in disguise', '\\d'],
  ['braces, which no Docker expands', '*.{a,b}'],
  ['a plus, which Docker 20.10 takes for a repetition', 'c++'],
  ['** run into a name, which Docker 20.10 takes for **/', '**.log'],
  ['a wildcard in a set', '[*]'],
])('refused with its line: %s', (_, pattern) => {
  const { problems } = parseDockerignore(`# first\nok\n${pattern}\n`, 'ctx/.dockerignore');
  expect(problems).toMatchObject([
    { code: 'DOCKERIGNORE_PATTERN', file: 'ctx/.dockerignore', line: 3, path: pattern },
  ]);
});

test('every refused pattern of a file is named at once', () => {
  const { problems } = parseDockerignore('[a\nfine\n!\n', '.dockerignore');
  expect(problems.map(({ line }) => line)).toEqual([1, 3]);
});

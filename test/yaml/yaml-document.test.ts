import { describe, expect, test } from 'vitest';
import { collectProblems, type Problem } from '../../src/problem.ts';
import { parseYaml } from '../../src/yaml/yaml-document.ts';

function problemsOf(text: string): readonly Problem[] {
  const problems: Problem[] = [];
  collectProblems(problems, () => parseYaml(text, 'f.yml'));
  return problems;
}

// Nine levels of nine: 9^9 = 387,420,489 values when expanded, 500 bytes when written.
const BOMB = Array.from('abcdefghi', (name, at) => {
  const item = at === 0 ? 'x' : `*${'abcdefghi'[at - 1] ?? ''}`;
  return `${name}: &${name} [${`${item},`.repeat(9)}]`;
}).join('\n');

test.each([
  ['a key that stands twice', 'a: 1\nb: 2\na: 3', 'YAML_SYNTAX 3:1'],
  ['a number and a text as one key', '1: a\n"1": b', 'YAML_SYNTAX 2:1'],
  ['a list as a key', '? [a]\n: b', 'YAML_SYNTAX 1:3'],
  ['a key that JavaScript reserves', '__proto__: 1', 'YAML_SYNTAX 1:1'],
  ['a tag of its own', 'a: !foo 1', 'YAML_SYNTAX 1:4'],
  ['two documents', 'a: 1\n---\nb: 2', 'YAML_SYNTAX 2:1'],
  ['YAML 1.1, where yes is true', '%YAML 1.1\n---\na: yes', 'YAML_SYNTAX 1:1'],
  ['a tab that indents', 'a:\n\t- b', 'YAML_SYNTAX 2:1'],
  ['an alias of a list that contains it', 'a: &a [*a]', 'YAML_ALIASES 1:8'],
  ['an alias of a mapping that contains it', 'a: &a { b: { c: *a } }', 'YAML_ALIASES 1:17'],
  ['an alias of a later value', 'a: *b\nb: &b 1', 'YAML_ALIASES 1:4'],
])('rejected: %s', (_, text, expected) => {
  const found = problemsOf(text).map(({ code, line, column }) => `${code} ${line}:${column}`);
  expect(found).toContain(expected);
});

test('an alias bomb is rejected, as fast as its text is short', () => {
  const start = performance.now();
  expect(problemsOf(BOMB)).toEqual([expect.objectContaining({ code: 'YAML_ALIASES' })]);
  expect(performance.now() - start).toBeLessThan(20_000);
});

test('a thousand uses of one value are no bomb', () => {
  const uses = Array.from({ length: 1000 }, () => '- *base').join('\n');
  expect(problemsOf(`- &base docker.io/library/debian\n${uses}`)).toEqual([]);
});

const DEEP = /^(?!.*(?:call stack|YAML\.)).*nested too deeply/s;

test.each([
  ['the path of a key that stands twice', 'a:\n  - b: 1\n    b: 2', /^a\[0\]\.b: .*twice; delete/],
  ['a merge key', 'a: &a { b: 1 }\nc: { <<: *a }', /^c\["<<"\]: merge keys are not read/],
  ['a second document', 'a: 1\n---\nb: 2', /^: a second document.*; delete the line ---/],
  ['2,000 brackets', `a: ${'['.repeat(2000)}`, DEEP],
  ['20,000 brackets', `a: ${'['.repeat(20_000)}`, DEEP],
])('explained: %s', (_, text, expected) => {
  const explained = problemsOf(text).map(
    (each) => `${each.path ?? ''}: ${each.problem}; ${each.remedy}`,
  );
  expect(explained.join('\n')).toMatch(expected);
});

test('nesting that the parser accepts exhausts nothing that comes after it', () => {
  for (const count of [100, 300, 600, 1000, 1500]) {
    expect(() => problemsOf(`${'['.repeat(count)}${']'.repeat(count)}`)).not.toThrow();
  }
});

describe('positions', () => {
  const { positionOf, value } = parseYaml('images:\n  - version: 24.10\n    base:\n', 'f');

  test('of a value is that of its first character, of a key its own', () => {
    expect(value).toEqual({ images: [{ version: 24.1, base: null }] });
    expect(positionOf(['images', 0, 'version'])).toEqual({ line: 2, column: 14 });
    expect(positionOf(['images', 0, 'version'], true)).toEqual({ line: 2, column: 5 });
  });

  test('of a missing value is that of the nearest one above', () => {
    expect(positionOf(['images', 0, 'context'])).toEqual({ line: 2, column: 5 });
    expect(positionOf(['images', 7, 'base', 'x'])).toEqual(positionOf(['images']));
  });

  test('inside of an aliased value is that at the last anchor of its name before the alias', () => {
    const { positionOf } = parseYaml('a: &x { k: 1 }\nb: &x { k: 2 }\nc: *x', 'f');
    expect(positionOf(['c'])).toEqual({ line: 3, column: 4 });
    expect(positionOf(['c', 'k'])).toEqual({ line: 2, column: 12 });
  });
});

describe('a scalar', () => {
  test.each([
    ['plain', 'a: b # b', 'b'],
    ['in single quotes', "a: 'b'", "'b'"],
    ['in double quotes', 'a: "\\x62"', '"\\x62"'],
    ['behind an anchor', 'a: &b b', 'b'],
    ['behind a tag', 'a: !!str b', 'b'],
    ['in a flow mapping', '{ a: b , c: d }', 'b'],
    ['of a block', 'a: |-\n  b\n# c', '|-\n  b\n'],
    ['under a key in quotes', '"a": b', 'b'],
    ['of an alias', 'x: &a c\ny: &a b\na: *a\nz: &a d', 'b'],
  ])('%s', (_, text, written) => {
    const found = parseYaml(text, 'f').scalarAt(['a']);
    expect(found?.value).toBe('b');
    expect(found && text.slice(found.start, found.end)).toBe(written);
  });

  test('through an alias has the spelling and the position at its anchor', () => {
    const { scalarAt } = parseYaml('a: &a\n  b: 1.50\nc: *a\nd: &a 2.0\ne: [*a]', 'f');
    expect(scalarAt(['c', 'b'])).toMatchObject({
      value: 1.5,
      spelling: '1.50',
      line: 2,
      column: 6,
    });
    expect(scalarAt(['e', 0])).toMatchObject({ spelling: '2.0', line: 4, column: 7 });
  });

  test.each([[['b']], [['c']], [['c', 1]], [['a', 'b']]])('is not at %j', (path) => {
    expect(parseYaml('a: 1\nc: [2]\n', 'f').scalarAt(path)).toBeUndefined();
  });
});

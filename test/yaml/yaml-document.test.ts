import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/yaml/yaml-document.ts';

function problemsOf(text: string): readonly string[] {
  const parsed = parseYaml(text, 'f.yml');
  if ('document' in parsed) return [];
  return parsed.problems.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

function documentOf(text: string) {
  const parsed = parseYaml(text, 'f.yml');
  if ('document' in parsed) return parsed.document;
  throw new Error(parsed.problems.map(({ problem }) => problem).join('\n'));
}

describe('aliases', () => {
  // Nine levels of nine: 9^9 = 387,420,489 values when expanded, 500 bytes when written.
  const bomb = 'abcdefghi'
    .split('')
    .map(
      (name, at, all) =>
        `${name}: &${name} [${`${at === 0 ? 'x' : `*${all[at - 1] ?? ''}`},`.repeat(9)}]`,
    )
    .join('\n');

  test('an alias bomb is refused, and as fast as its text is short', () => {
    const start = performance.now();
    expect(problemsOf(bomb)).toEqual([expect.stringMatching(/^YAML_ALIASES /)]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('a thousand uses of one value are none', () => {
    const uses = Array.from({ length: 1000 }, () => '- *base').join('\n');
    expect(problemsOf(`- &base docker.io/library/debian\n${uses}`)).toEqual([]);
  });

  test('an alias of what contains it is refused', () => {
    expect(problemsOf('a: &a [*a]')).toEqual(['YAML_ALIASES 1:8']);
    expect(problemsOf('a: &a { b: { c: *a } }')).toEqual(['YAML_ALIASES 1:17']);
  });

  test('an alias of what comes later is refused', () => {
    expect(problemsOf('a: *b\nb: &b 1')).toEqual(['YAML_ALIASES 1:4']);
  });

  test('places inside of an aliased value are where it is written', () => {
    const { placeOf, sourceOf } = documentOf('a: &a\n  b: 1.50\nc: *a');
    expect(placeOf(['c'])).toEqual({ line: 3, column: 4 });
    expect(placeOf(['c', 'b'])).toEqual({ line: 2, column: 6 });
    expect(sourceOf(['c', 'b'])).toBe('1.50');
  });

  test('an alias stands for the last value before it that has its anchor', () => {
    const { placeOf } = documentOf('a: &x { k: 1 }\nb: &x { k: 2 }\nc: *x');
    expect(placeOf(['c', 'k'])).toEqual({ line: 2, column: 12 });
  });
});

describe('syntax', () => {
  test.each([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3', 'YAML_SYNTAX 3:1'],
    ['a number and a text as one key', '1: a\n"1": b', 'YAML_SYNTAX 2:1'],
    ['a list as a key', '? [a]\n: b', 'YAML_SYNTAX 1:3'],
    ['a key that JavaScript reserves', '__proto__: 1', 'YAML_SYNTAX 1:1'],
    ['a tag of its own', 'a: !foo 1', 'YAML_SYNTAX 1:4'],
    ['two documents', 'a: 1\n---\nb: 2', 'YAML_SYNTAX 2:1'],
    ['YAML 1.1, where yes is true', '%YAML 1.1\n---\na: yes', 'YAML_SYNTAX 1:1'],
    ['a tab that indents', 'a:\n\t- b', 'YAML_SYNTAX 2:1'],
  ])('%s is refused', (_, text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  test('thousands of brackets are refused and break nothing', () => {
    expect(problemsOf('['.repeat(20_000))[0]).toMatch(/^YAML_SYNTAX /);
  });
});

describe('places', () => {
  const { placeOf, sourceOf, value } = documentOf('images:\n  - version: 24.10\n    base:\n');

  test('a value is placed at its first character, a key at its own', () => {
    expect(placeOf(['images', 0, 'version'])).toEqual({ line: 2, column: 14 });
    expect(placeOf(['images', 0, 'version'], true)).toEqual({ line: 2, column: 5 });
  });

  test('what is missing is placed at the nearest thing above it', () => {
    expect(placeOf(['images', 0, 'context'])).toEqual({ line: 2, column: 5 });
    expect(placeOf(['images', 7, 'base', 'x'])).toEqual(placeOf(['images']));
  });

  test('a number is kept as it was written', () => {
    expect(value).toEqual({ images: [{ version: 24.1, base: null }] });
    expect(sourceOf(['images', 0, 'version'])).toBe('24.10');
    expect(sourceOf(['images', 0, 'missing'])).toBeUndefined();
  });
});

function explained(text: string): string {
  const parsed = parseYaml(text, 'f.yml');
  const told = 'problems' in parsed ? parsed.problems : [];
  return told.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`).join('\n');
}

test('a key that stands twice is reported with its path, and is to be deleted', () => {
  expect(explained('a:\n  - b: 1\n    b: 2')).toMatch(/^a\[0\]\.b: .*twice; delete/);
});

test('a merge key is called one that is not read', () => {
  expect(explained('a: &a { b: 1 }\nc: { <<: *a }')).toMatch(/^c\["<<"\]: merge keys are not read/);
});

test('a second document is reported without a word on programming', () => {
  expect(explained('a: 1\n---\nb: 2')).toMatch(/^: a second document.*; delete the line ---/);
});

test.each([2_000, 20_000])('%i brackets are called nested too deeply', (count) => {
  const text = explained(`a: ${'['.repeat(count)}`);
  expect(text).toContain('nested too deeply');
  expect(text).not.toMatch(/call stack|YAML\./);
});

test('nesting that the parser takes exhausts nothing that comes after it', () => {
  for (const count of [100, 300, 600, 1000, 1500]) {
    expect(() => explained(`${'['.repeat(count)}${']'.repeat(count)}`)).not.toThrow();
  }
});

import { describe, expect, test } from 'vitest';
import { scalarFinder } from '../../src/yaml/find-node.ts';

describe('the place of a text value', () => {
  test.each([
    ['plain', 'a: b # b', 'b'],
    ['in single quotes', "a: 'b'", "'b'"],
    ['in double quotes', 'a: "\\x62"', '"\\x62"'],
    ['behind an anchor', 'a: &b b', 'b'],
    ['behind a tag', 'a: !!str b', 'b'],
    ['in a flow mapping', '{ a: b , c: d }', 'b'],
    ['of a block', 'a: |-\n  b\n# c', '|-\n  b\n'],
    ['under a key in quotes', '"a": b', 'b'],
  ])('%s', (_, text, source) => {
    const found = scalarFinder(text)(['a']);
    expect(found?.value).toBe('b');
    expect(found && text.slice(found.start, found.end)).toBe(source);
  });

  test('of an alias is that of the last anchor of its name before it', () => {
    const text = 'x: &a first\ny: &a second\nz: *a\nw: &a third\nv: [*a]\n';
    const find = scalarFinder(text);
    expect(find(['z'])).toMatchObject({ value: 'second', line: 2, column: 7 });
    expect(find(['v', 0])).toMatchObject({ value: 'third', line: 4 });
  });

  test('leads through aliases of whole mappings', () => {
    expect(scalarFinder('x: &a { b: c }\ny: *a\n')(['y', 'b'])).toMatchObject({ value: 'c' });
  });

  test.each([[['a']], [['b']], [['c']], [['c', 0]], [['a', 'b']]])(
    'is none for what is missing or no text: %j',
    (path) => {
      expect(scalarFinder('a: 1\nc: [2]\n')(path)).toBeUndefined();
    },
  );
});

import { describe, expect, test } from 'vitest';
import { neededTags } from '../../src/branches/needs.ts';
import { branch, need } from '../retention/any-references.ts';

const MAIN = branch('main');

describe('the versions that branches need', () => {
  test('are by image and alias, each once, and without a tag for a pin', () => {
    const needs = [need(MAIN, 'b'), need(MAIN, 'a', 'y'), need(branch('r-1'), 'a', 'x')];
    expect(neededTags({ needs: [...needs, ...needs] })).toEqual({
      a: { main: 'y', 'r-1': 'x' },
      b: { main: '' },
    });
  });

  test('have an alias for each tag, where a branch needs several of an image', () => {
    const { a = {} } = neededTags({ needs: [need(MAIN, 'a', 'v1'), need(MAIN, 'a', 'v2')] });
    expect(Object.entries(a)).toEqual([
      [expect.stringMatching(/^main-v1-[0-9a-f]{8}$/), 'v1'],
      [expect.stringMatching(/^main-v2-[0-9a-f]{8}$/), 'v2'],
    ]);
  });

  test('have aliases of their own, however alike or long they are', () => {
    const long = 'x'.repeat(128);
    const { a = {} } = neededTags({
      needs: [
        need(branch('r-1'), 'a', '2'),
        need(branch('r-1'), 'a', '3'),
        need(branch('r-1-2'), 'a', '4'),
        need(branch(long), 'a', `${long.slice(1)}1`),
        need(branch(long), 'a', `${long.slice(1)}2`),
      ],
    });
    expect(Object.keys(a)).toHaveLength(5);
    expect(Math.max(...Object.keys(a).map(({ length }) => length))).toBe(128);
  });

  test('are two where a branch names a tag in one place and the image alone in another', () => {
    const { a = {} } = neededTags({ needs: [need(MAIN, 'a', 'v1'), need(MAIN, 'a')] });
    expect(Object.entries(a)).toEqual([
      [expect.stringMatching(/^main-v1-/), 'v1'],
      ['main', ''],
    ]);
  });
});

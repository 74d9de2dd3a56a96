import { describe, expect, test } from 'vitest';
import type { Tag } from '../../src/image-reference.ts';
import type { Need, SupportedBranch } from '../../src/branches/references.ts';
import { versionNeeds } from '../../src/branches/needs.ts';

function branch(alias: string): SupportedBranch {
  return { source: 's', branch: alias, commit: 'c'.repeat(40), alias: alias as Tag };
}

function need(image: string, alias: string, tag?: string): Need {
  const places = [{ file: 'f', line: 1 }];
  return { image, branch: branch(alias), places, tag: tag as Tag };
}

const listed = (...needs: readonly Need[]) =>
  versionNeeds({ needs }).map(({ image, alias, tag }) => `${image} ${alias} ${tag ?? '-'}`);

describe('the versions that branches need', () => {
  test('are in order of image and alias, whatever order they were found in', () => {
    expect(listed(need('b', 'main'), need('a', 'release-1', 'x'), need('a', 'main', 'y'))).toEqual([
      'a main y',
      'a release-1 x',
      'b main -',
    ]);
  });

  test('have an alias for each tag, where a branch needs several of an image', () => {
    expect(listed(need('a', 'main', 'v1'), need('a', 'main', 'v2'))).toEqual([
      expect.stringMatching(/^a main-v1-[0-9a-f]{8} v1$/),
      expect.stringMatching(/^a main-v2-[0-9a-f]{8} v2$/),
    ]);
  });

  test('have aliases of their own, however alike or long they are', () => {
    const long = 'x'.repeat(128);
    const needs = [
      need('a', 'r-1', '2'),
      need('a', 'r-1', '3'),
      need('a', 'r-1-2', '4'),
      need('a', long, `${long.slice(1)}1`),
      need('a', long, `${long.slice(1)}2`),
    ];
    const aliases = versionNeeds({ needs }).map(({ alias }) => alias);
    expect(new Set(aliases).size).toBe(5);
    expect(Math.max(...aliases.map(({ length }) => length))).toBe(128);
  });

  test('are said once, where a branch names a tag twice', () => {
    expect(listed(need('a', 'main', 'v1'), need('a', 'main', 'v1'))).toEqual(['a main v1']);
  });

  test('are two where a branch names a tag in one place and the image alone in another', () => {
    const [alone, tagged] = versionNeeds({ needs: [need('a', 'main', 'v1'), need('a', 'main')] });
    expect(alone).toEqual({ image: 'a', alias: 'main' });
    expect(tagged).toMatchObject({
      tag: 'v1',
      alias: expect.stringMatching(/^main-v1-/) as string,
    });
  });
});

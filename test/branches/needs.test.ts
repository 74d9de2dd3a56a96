import { describe, expect, test } from 'vitest';
import { aliasPrefix, neededTags, needsOf, withoutLatest } from '../../src/branches/needs.ts';
import { formatVersion } from '../../src/branches/references.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, tag } from '../retention/retention-fixture.ts';

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
    const ofLong = Object.keys(a).filter((alias) => alias.startsWith('x'));
    expect(ofLong.every((alias) => alias.startsWith(aliasPrefix(tag(long))))).toBe(true);
  });

  test('may be named by digest', () => {
    const D = digest('ab');
    const byDigest = { ...need(MAIN, 'a', 'v1'), tag: undefined, digest: D };
    expect(neededTags({ needs: [byDigest] })).toEqual({ a: { main: D } });
    const { a = {} } = neededTags({ needs: [byDigest, need(MAIN, 'a')] });
    expect(Object.entries(a)).toEqual([
      [expect.stringMatching(/^main-abababababab-[0-9a-f]{8}$/), D],
      ['main', ''],
    ]);
  });

  test('are of the immutable tag that `latest` names when the run ends, for images of the catalog', () => {
    const tags = new Map([['a', tag('b'.repeat(32))]]);
    const needs = { a: { main: 'latest', 'r-1': '', 'r-2': 'v1' }, other: { main: 'latest' } };
    expect(withoutLatest(needs, tags)).toEqual({
      ...needs,
      a: { ...needs.a, main: tags.get('a') },
    });
  });

  test('are two where a branch names a tag in one place and the image alone in another', () => {
    const { a = {} } = neededTags({ needs: [need(MAIN, 'a', 'v1'), need(MAIN, 'a')] });
    expect(Object.entries(a)).toEqual([
      [expect.stringMatching(/^main-v1-/), 'v1'],
      ['main', ''],
    ]);
  });
});

describe('an image without a version', () => {
  const place = { file: 'a.yml', line: 1 };
  const PINS = [{ branch: 'r-1', image: 'a', tag: tag('v7') }];

  test.each([
    ['follows latest on the default branch', 'main', [{ image: 'a', place }], ['a:latest']],
    ['is pinned on every other', 'r-2', [{ image: 'a', place }], ['a']],
    ['has the version of its pin', 'r-1', [{ image: 'a', place }], ['a:v7']],
    [
      "is what the branch's own alias stands for",
      'r-2',
      [{ image: 'a', tag: tag('r-2'), place }],
      ['a'],
    ],
    [
      'is another need than a version',
      'r-1',
      [
        { image: 'a', place },
        { image: 'a', tag: tag('v1'), place },
      ],
      ['a:v7', 'a:v1'],
    ],
  ])('%s', (_, name, references, versions) => {
    expect(needsOf(branch(name), references, PINS).map(formatVersion)).toEqual(versions);
  });

  test('keeps the alias of the branch beside a version', () => {
    const references = [
      { image: 'a', place },
      { image: 'a', tag: tag('v1'), place },
    ];
    const { a = {} } = neededTags({ needs: needsOf(branch('r-1'), references, PINS) });
    expect(a).toHaveProperty('r-1', 'v7');
  });
});

import { describe, expect, test } from 'vitest';
import {
  branchProblems,
  branchRecords,
  compareBranches,
  describeDrop,
  type BranchRecord,
  type BranchRecords,
} from '../../src/branches/compare-branches.ts';
import type { Tag } from '../../src/image-reference.ts';

const BEFORE = 'a'.repeat(40);
const NOW = 'b'.repeat(40);
const X = 'x' as Tag;

/** A branch at a commit, with the images that its readers find: of the files `0.yml`, `1.yml`. */
function at(commit: string, ...readers: readonly (readonly string[])[]): BranchRecord {
  const found = Object.fromEntries(readers.map((names, file) => [`${file}.yml by key`, names]));
  return { alias: 'main' as Tag, commit, committedAt: '2026-11-24T12:00:00Z', found };
}

const SIX = ['a', 'b', 'c', 'd', 'e', 'f'];

const problems = (before: BranchRecord, now: BranchRecord, ...accept: string[]) =>
  branchProblems({ 'ci main': before }, { 'ci main': now }, accept);

describe('a branch', () => {
  test.each<[string, string[][], string[][], string | undefined]>([
    ['that keeps its images needs no less', [SIX], [SIX], undefined],
    ['may lose less than a third', [SIX], [SIX.slice(1)], undefined],
    ['may gain images', [SIX], [[...SIX, 'g']], undefined],
    ['must not lose a third', [SIX], [SIX.slice(2)], 'lost 2 of 6 images (a, b)'],
    ['must not lose a third for others', [SIX], [[...SIX.slice(2), 'x', 'y']], 'lost 2 of 6'],
    ['may find an image by another reader', [SIX, ['g']], [['g'], [...SIX]], undefined],
    [
      'must not lose all images of a reader',
      [SIX, ['f']],
      [SIX, []],
      'has no image in 1.yml by key any more',
    ],
    [
      'says both',
      [['a'], ['b', 'c']],
      [['a'], []],
      'lost 2 of 3 images (b, c) and has no image in 1.yml by key any more',
    ],
    ['may lose a reader that the retention file no longer has', [SIX, ['g']], [SIX], undefined],
    ['without images before has none to lose', [[]], [[]], undefined],
  ])('%s', (_, before, now, expected) => {
    const found = problems(at(BEFORE, ...before), at(NOW, ...now));
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(expected)]);
  });

  test('that needs much less is named with its commits, and the line that accepts it', () => {
    expect(problems(at(BEFORE, SIX), at(NOW, []))).toEqual([
      'BRANCH_NEEDS_LESS  ci main at bbbbbbbbbbbb lost 6 of 6 images (a, b, c, d, e, f) and has no image in 0.yml by key any more since aaaaaaaaaaaa; correct the branch or how it is read, or write `accept: ["aaaaaaaaaaaa"]` at the source ci if it is meant to need less',
    ]);
  });

  test.each([
    [[BEFORE], 0],
    [[BEFORE.slice(0, 12)], 0],
    [[NOW], 1],
    [['c'.repeat(40)], 1],
  ])('is accepted by the commit of the run before: %j', (accept, count) => {
    expect(problems(at(BEFORE, SIX), at(NOW, []), ...accept)).toHaveLength(count);
  });

  test.each<[string, number | undefined, number | undefined, number]>([
    // Where histories are counted, clocks do not matter.
    ['2026-10-24T12:00:00Z', 7, 8, 0],
    ['2026-12-24T12:00:00Z', 7, 6, 1],
    ['2026-11-24T12:00:00Z', 7, 7, 1],
    ['2026-11-24T11:59:59Z', undefined, undefined, 1],
    ['2026-11-24T12:00:00Z', undefined, undefined, 0],
    // The same time in another form.
    ['2026-11-24T12:00:00.000Z', undefined, undefined, 0],
    ['2026-12-24T12:00:00Z', undefined, undefined, 0],
    ['2026-12-24T12:00:00Z', 7, undefined, 0],
    ['2026-10-24T12:00:00Z', undefined, 8, 1],
  ])(
    'must be at a commit that follows: of %s, before %s commits and %s now',
    (committedAt, commitsBefore, commits, count) => {
      const before = { ...at(BEFORE, SIX), commits: commitsBefore };
      const now = { ...at(NOW, SIX), committedAt, commits };
      expect(problems(before, now)).toHaveLength(count);
      expect(problems(before, now, BEFORE)).toEqual([]);
      expect(problems(now, now)).toEqual([]);
    },
  );

  test.each<[string, string[] | undefined, string[] | undefined, number]>([
    // Where the last commits are known, clocks do not matter.
    ['2026-10-24T12:00:00Z', undefined, ['cccccccccccc', BEFORE.slice(0, 12)], 0],
    ['2026-12-24T12:00:00Z', [NOW.slice(0, 12)], ['cccccccccccc'], 1],
    ['2026-12-24T12:00:00Z', ['dddddddddddd'], ['cccccccccccc'], 0],
    ['2026-10-24T12:00:00Z', ['dddddddddddd'], ['cccccccccccc'], 1],
  ])(
    'follows one of the last commits, whatever its date: %s, %j and %j',
    (committedAt, recentBefore, recent, count) => {
      const before = { ...at(BEFORE, SIX), recent: recentBefore };
      expect(problems(before, { ...at(NOW, SIX), committedAt, recent })).toHaveLength(count);
    },
  );

  test('that does not follow says from when it is, and what to do', () => {
    const now = { ...at(NOW, SIX), committedAt: '2026-11-01T12:00:00Z' };
    const remedy =
      'that of the run before; fetch the clone or the mirror that is read, or write `accept: ["aaaaaaaaaaaa"]` at the source ci if the branch was reset on purpose';
    expect(problems(at(BEFORE, SIX), now)).toEqual([
      `BRANCH_OLDER  ci main is at bbbbbbbbbbbb (2026-11-01T12:00:00Z), which does not follow aaaaaaaaaaaa (2026-11-24T12:00:00Z), ${remedy}`,
    ]);
    const reset = { ...at(NOW, SIX), commits: 7 };
    expect(problems({ ...at(BEFORE, SIX), commits: 7 }, reset)).toEqual([
      `BRANCH_OLDER  ci main is at bbbbbbbbbbbb (2026-11-24T12:00:00Z, 7 commits), which does not follow aaaaaaaaaaaa (2026-11-24T12:00:00Z, 7 commits), ${remedy}`,
    ]);
  });

  test('has a line for all of its source, with what other branches have accepted', () => {
    const olds = {
      'ci main': at(BEFORE, SIX),
      'ci release-1': at('c'.repeat(40), SIX),
      'ci release-2': at('d'.repeat(40), SIX),
      'other main': at('e'.repeat(40), SIX),
    };
    const news = Object.fromEntries(Object.keys(olds).map((name) => [name, at(NOW, ['a'])]));
    news['ci release-2'] = at(NOW, SIX);
    const found = branchProblems(olds, news, ['c'.repeat(12), '0'.repeat(12)]);
    const lines = found.map((text) => /write `(.*)` at the source (\w+)/.exec(text)?.slice(1));
    expect(lines).toEqual([
      ['accept: ["aaaaaaaaaaaa", "cccccccccccc"]', 'ci'],
      ['accept: ["eeeeeeeeeeee"]', 'other'],
    ]);
  });

  test.each<[string, BranchRecords, number]>([
    ['has another name', { 'renamed main': at(NOW, ['a']) }, 1],
    ['has another name, as a third source has', { 'x main': { ...at(NOW, ['a']), alias: X } }, 0],
  ])('is compared where its source %s', (_, news, count) => {
    const found = branchProblems({ 'ci main': at(BEFORE, SIX) }, news, []);
    expect(found).toHaveLength(count);
  });
});

test('branches enter and leave the supported ones by source and name', () => {
  const olds = { 'ci main': at(BEFORE, SIX), 'ci release-1': { ...at(BEFORE, SIX), alias: X } };
  const news = { 'ci main': { ...at(NOW, SIX), alias: X }, 'ci release-2': at(NOW, ['a']) };
  expect(compareBranches(olds, news)).toEqual({
    entered: ['ci release-2'],
    left: ['ci release-1'],
    drops: [],
    older: [],
  });
});

test('a long list of images is cut', () => {
  const gone = Array.from({ length: 22 }, (_, number) => `i${number}`);
  expect(describeDrop({ gone, total: 30, empty: [] })).toMatch(/, i19, and 2 more\)$/);
});

test('a record has what the next run compares, and nothing else of the branch', () => {
  const record = at(BEFORE, SIX);
  const branch = { ...record, source: 'ci', branch: 'main', isDefault: true };
  expect(branchRecords([branch])).toEqual({ 'ci main': record });
});

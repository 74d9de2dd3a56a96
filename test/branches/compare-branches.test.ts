import { describe, expect, test } from 'vitest';
import {
  branchProblems,
  branchRecords,
  compareBranches,
  describeDrop,
  type BranchRecord,
} from '../../src/branches/compare-branches.ts';
import type { Tag } from '../../src/image-reference.ts';

const BEFORE = 'a'.repeat(40);
const NOW = 'b'.repeat(40);

/** A branch at a commit, with the images that its readers find. */
function at(commit: string, ...readers: readonly (readonly string[])[]): BranchRecord {
  const found = Object.fromEntries(readers.map((names, place) => [`references[${place}]`, names]));
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
      'has no image by references[1] any more',
    ],
    [
      'says both',
      [['a'], ['b', 'c']],
      [['a'], []],
      'lost 2 of 3 images (b, c) and has no image by references[1] any more',
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
      'BRANCH_NEEDS_LESS  ci main at bbbbbbbbbbbb lost 6 of 6 images (a, b, c, d, e, f) and has no image by references[0] any more since aaaaaaaaaaaa; correct the branch or how it is read, or add `accept: ["aaaaaaaaaaaa"]` to the source ci if it is meant to need less',
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

  test.each([
    ['2026-11-24T11:59:59Z', 1],
    ['2026-11-24T12:00:00Z', 0],
    // The same time in another form.
    ['2026-11-24T12:00:00.000Z', 0],
    ['2026-12-24T12:00:00Z', 0],
  ])('must not be at an older commit: %s', (committedAt, count) => {
    const now = { ...at(NOW, SIX), committedAt };
    expect(problems(at(BEFORE, SIX), now)).toHaveLength(count);
    expect(problems(at(BEFORE, SIX), now, BEFORE)).toEqual([]);
  });

  test('that is older says from when it is, and what to do', () => {
    const now = { ...at(NOW, SIX), committedAt: '2026-11-01T12:00:00Z' };
    expect(problems(at(BEFORE, SIX), now)).toEqual([
      'BRANCH_OLDER  ci main is at bbbbbbbbbbbb of 2026-11-01T12:00:00Z, and was at aaaaaaaaaaaa of 2026-11-24T12:00:00Z at the run before; fetch the clone or the mirror that is read, or add `accept: ["aaaaaaaaaaaa"]` to the source ci if the branch was reset on purpose',
    ]);
  });
});

test('branches enter and leave the supported ones by source and name', () => {
  const olds = { 'ci main': at(BEFORE, SIX), 'ci release-1': at(BEFORE, SIX) };
  const news = { 'ci main': at(NOW, SIX), 'ci release-2': at(NOW, ['a']) };
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

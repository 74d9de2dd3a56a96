import fc from 'fast-check';
import { expect, test } from 'vitest';
import { releasesOf, selectBranches } from '../../src/branches/select-branches.ts';
import type { BranchRule } from '../../src/branches/source.ts';

// Kubespray's, 2.7 to 2.31.
const RELEASES = Array.from({ length: 25 }, (_, number) => `release-2.${number + 7}`);
const ALL = ['master', 'feature/x', 'release-next', ...RELEASES];
const RULE = { default: 'master', releases: { glob: 'release-*', newest: 3 } };

function select(
  rule: BranchRule,
  branches = ALL,
  rest: { isPartial?: boolean; defaultBranch?: string } = {},
) {
  const repository = { branches: new Set(branches), isPartial: false, ...rest };
  const { branches: chosen, problems } = selectBranches(rule, repository);
  return [...chosen, ...problems.map(({ code }) => code)];
}

test('the newest releases are those with the highest numbers, not the last ones by text', () => {
  // By text 2.9, 2.8 and 2.7 would be the last.
  expect(select(RULE)).toEqual(['master', 'release-2.31', 'release-2.30', 'release-2.29']);
});

test('releases are in the order of their numbers, however they were listed', () => {
  const sorted = ['v1', '1.2', '1.2.0', '1.2.1', '1.10', '2', 'v10'].map((each) => `r-${each}`);
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (shuffled) => {
      expect(releasesOf(shuffled, 'r-*').toReversed()).toEqual(sorted);
    }),
  );
});

test('the star may be anywhere', () => {
  expect(releasesOf(['v1.2-maint', 'v1.10-maint', 'v1.2', '-maint'], 'v*-maint')).toEqual([
    'v1.10-maint',
    'v1.2-maint',
  ]);
  expect(releasesOf(['ab', 'a'], 'a*b')).toEqual([]);
  expect(releasesOf(['aba', 'ab1ba', 'aba'], 'ab*ba')).toEqual(['ab1ba']);
});

test('fewer releases than asked for are all there are', () => {
  expect(select(RULE, ['master', 'release-1.0'])).toEqual(['master', 'release-1.0']);
});

test('a default branch that is a release as well is there once', () => {
  expect(select({ ...RULE, default: 'release-2.31' })[0]).toBe('release-2.31');
  expect(select({ ...RULE, default: 'release-2.31' })).toHaveLength(3);
});

test('without a name the default branch is the one of HEAD', () => {
  expect(select({}, ALL, { defaultBranch: 'master' })).toEqual(['master']);
});

test.each<[string, BranchRule, string[], object, string[]]>([
  ['no branches at all', RULE, [], {}, ['NO_SUPPORTED_BRANCH']],
  ['no branches in a shallow clone', RULE, [], { isPartial: true }, ['NO_SUPPORTED_BRANCH']],
  ['a HEAD that names nothing', {}, ALL, {}, ['NO_DEFAULT_BRANCH']],
  ['a HEAD without a commit', {}, ['x'], { defaultBranch: 'main' }, ['BRANCH_MISSING']],
  ['a default branch that is not there', { default: 'main' }, ALL, {}, ['BRANCH_MISSING']],
  [
    'a listed branch that is not there',
    { only: ['master', 'gone'] },
    ALL,
    {},
    ['master', 'BRANCH_MISSING'],
  ],
  [
    'one that a shallow clone lacks',
    { only: ['gone'] },
    ALL,
    { isPartial: true },
    ['SHALLOW_CLONE'],
  ],
  [
    'a pattern of releases that are not there',
    RULE,
    ['master'],
    {},
    ['master', 'NO_SUPPORTED_BRANCH'],
  ],
  [
    'a pattern that only fits what is no version',
    RULE,
    ['master', 'release-next'],
    {},
    ['master', 'NO_SUPPORTED_BRANCH'],
  ],
  [
    'releases that a shallow clone lacks',
    RULE,
    ['master'],
    { isPartial: true },
    ['master', 'SHALLOW_CLONE'],
  ],
])('%s is a problem, never left out', (_, rule, branches, rest, chosen) => {
  expect(select(rule, branches, rest)).toEqual(chosen);
});

test('a shallow clone that has all that is asked for will do', () => {
  expect(select(RULE, ALL, { isPartial: true })).toHaveLength(4);
});

test('remedies say what to run', () => {
  const repository = { branches: new Set(['x']), isPartial: true };
  const [problem] = selectBranches({ default: 'main' }, repository).problems;
  expect(problem?.remedy).toMatch(/git fetch --unshallow.*fetch-depth: 0/);
});

test.each([
  ['relase-*', ALL, 'did you mean release-*? it matches release-2.31, release-2.30, release-2.29'],
  ['release-v*', ['master', 'release-2.9'], 'did you mean release-*? it matches release-2.9'],
  ['stable/*', ALL, 'until there is a first release branch, leave out releases and newest'],
  ['release-*', ['master', 'release-next'], 'leave out releases and newest'],
])(
  'releases that match no branch are reported with the pattern and what is near: %s',
  (glob, branches, said) => {
    const rule = { default: 'master', releases: { glob, newest: 3 } };
    const { problems } = selectBranches(rule, { branches: new Set(branches), isPartial: false });
    expect(problems).toEqual([
      {
        code: 'NO_SUPPORTED_BRANCH',
        problem: `no branch matches "${glob}" with a version for the star`,
        remedy: expect.stringContaining(said) as unknown,
      },
    ]);
  },
);

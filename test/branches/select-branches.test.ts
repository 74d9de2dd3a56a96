import fc from 'fast-check';
import { expect, test } from 'vitest';
import { releasesOf, selectBranches } from '../../src/branches/select-branches.ts';
import type { BranchRule } from '../../src/branches/source.ts';

// Kubespray's, 2.7 to 2.31.
const RELEASES = Array.from({ length: 25 }, (_, number) => `release-2.${number + 7}`);
const ALL = ['master', 'feature/x', 'release-next', ...RELEASES];
const RULE = { default: 'master', releases: { glob: 'release-*', newest: 3 } };

/** The branches, and the codes of the problems. */
function select(rule: BranchRule, branches = ALL, rest: { defaultBranch?: string } = {}): string {
  const repository = { branches: new Set(branches), ...rest };
  const { branches: chosen, problems } = selectBranches(rule, repository);
  return [...chosen, ...problems.map(({ code }) => code)].join(' ');
}

const NEWEST = 'release-2.31 release-2.30 release-2.29';

test.each<[string, BranchRule, string[], object, string]>([
  ['numbers count, not text, by which 2.9 would be the last', RULE, ALL, {}, `master ${NEWEST}`],
  ['fewer releases than the rule has', RULE, ['master', 'release-1.0'], {}, 'master release-1.0'],
  ['a default branch that is a release', { ...RULE, default: 'release-2.31' }, ALL, {}, NEWEST],
  ['the default branch of HEAD', {}, ALL, { defaultBranch: 'master' }, 'master'],

  // Problems: nothing is ever left out.
  ['no branches at all', RULE, [], {}, 'NO_SUPPORTED_BRANCH'],
  ['a HEAD that names nothing', {}, ALL, {}, 'NO_DEFAULT_BRANCH'],
  ['a HEAD without a commit', {}, ['x'], { defaultBranch: 'main' }, 'BRANCH_MISSING'],
  ['a default branch that is missing', { default: 'main' }, ALL, {}, 'BRANCH_MISSING'],
  ['a listed branch that is missing', { only: ['x', 'y'] }, ['x'], {}, 'x BRANCH_MISSING'],
  ['releases that are missing', RULE, ['master'], {}, 'master NO_SUPPORTED_BRANCH'],
  ['no version', RULE, ['master', 'release-next'], {}, 'master NO_SUPPORTED_BRANCH'],
])('%s', (_, rule, branches, rest, chosen) => {
  expect(select(rule, branches, rest)).toBe(chosen);
});

test.each<[string, BranchRule, string[], string | undefined]>([
  [
    'which leaves next, and which left last',
    RULE,
    ALL,
    'release-2.29 leaves when a release newer than release-2.31 appears; release-2.28 and older are not supported',
  ],
  [
    'which leaves next, where all are supported',
    RULE,
    ['master', 'v1', 'release-1', 'release-2', 'release-3'],
    'release-1 leaves when a release newer than release-3 appears',
  ],
  ['nothing while there is room', RULE, ['master', 'release-1', 'release-2'], undefined],
  ['nothing of branches that are listed', { only: ['release-2.31'] }, ALL, undefined],
])('the outlook says %s', (_, rule, branches, outlook) => {
  expect(selectBranches(rule, { branches: new Set(branches) }).outlook).toBe(outlook);
});

const UNLIKELY = 'BRANCH_UNLIKELY';
const TWO = 'release-2.31 release-2.30';

test.each([
  ['far away: a dot that is missing', ['release-231'], {}, `release-231 ${TWO} ${UNLIKELY}`],
  ['far away: a number that is much higher', ['release-99'], {}, `release-99 ${TWO} ${UNLIKELY}`],
  ['far away: a second number', ['release-2.37'], {}, `release-2.37 ${TWO} ${UNLIKELY}`],
  ['far away: a first number', ['release-4.0'], {}, `release-4.0 ${TWO} ${UNLIKELY}`],
  ['far away: one more component', ['release-2.31.1'], {}, `release-2.31.1 ${TWO} ${UNLIKELY}`],
  [
    'far away: several',
    ['release-900.1', 'release-900.2'],
    {},
    `release-900.2 release-900.1 release-2.31 ${UNLIKELY}`,
  ],
  ['near: a few releases are missing', ['release-2.36'], {}, `release-2.36 ${TWO}`],
  ['near: the next first number', ['release-3.0'], {}, `release-3.0 ${TWO}`],
  ['far away, and old', ['release-1'], {}, NEWEST],
  ['far away, and left out', ['release-231'], { except: ['release-231'] }, NEWEST],
  ['far away, and accepted', ['release-99'], { accept: ['release-99'] }, `release-99 ${TWO}`],
  ['twice: with a v', ['release-v2.31'], {}, `release-2.31 release-v2.31 release-2.30 ${UNLIKELY}`],
  [
    'twice: with a zero',
    ['release-2.031'],
    {},
    `release-2.031 release-2.31 release-2.30 ${UNLIKELY}`,
  ],
  ['twice, one of them beyond the newest', ['release-v2.29'], {}, `${NEWEST} ${UNLIKELY}`],
  ['twice, both beyond the newest', ['release-v2.28'], {}, NEWEST],
  ['twice, one left out', ['release-v2.31'], { except: ['release-v2.31'] }, NEWEST],
  [
    'twice, one accepted',
    ['release-v2.31'],
    { accept: ['release-v2.31'] },
    'release-2.31 release-v2.31 release-2.30',
  ],
])(
  'a version is reported that is far from the others, or there twice: %s',
  (_, others, lists, chosen) => {
    const rule = { default: 'master', releases: { ...RULE.releases, ...lists } };
    expect(select(rule, [...ALL, ...others])).toBe(`master ${chosen}`);
  },
);

test('releases with one version are in one problem, with the lines to write', () => {
  const branches = new Set([...ALL, 'release-v2.31', 'release-02.31']);
  const { problems } = selectBranches(RULE, { branches });
  expect(problems.map(({ problem, remedy }) => `${problem}; ${remedy}`)).toEqual([
    'release-02.31, release-2.31, release-v2.31 have the same version, and each takes the place of an older release; delete what is a mistake, leave all but one out with except: [...], or take all with accept: [release-02.31, release-2.31, release-v2.31]',
  ]);
});

test('releases are not far from a few old ones that are left', () => {
  const rule = { ...RULE, releases: { ...RULE.releases, newest: 2 } };
  const branches = ['master', 'release-2.31', 'release-2.30', 'release-2.9'];
  expect(select(rule, branches)).toBe('master release-2.31 release-2.30');
});

test('all that is unlikely is in one problem, with the lines to write', () => {
  const branches = new Set([...ALL, 'release-900.1', 'release-900.2']);
  const { problems } = selectBranches(RULE, { branches });
  expect(problems.map(({ problem, remedy }) => `${problem}; ${remedy}`)).toEqual([
    'the version of release-900.2, release-900.1 is far from those of release-2.31, release-2.30, release-2.29; delete what is a mistake, leave it out with except: [release-900.2, release-900.1], or take it with accept: [release-900.2, release-900.1]',
  ]);
});

test('the first releases have no neighbours to be far from', () => {
  expect(select(RULE, ['master', 'release-7'])).toBe('master release-7');
  expect(select(RULE, ['master', 'release-1.0', 'release-2'])).toBe('master release-2 release-1.0');
});

test('releases are in the order of their numbers, however they were listed', () => {
  const sorted = ['v1', '1.2', '1.2.0', '1.2.1', '1.10', '2', 'v10'].map((each) => `r-${each}`);
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (shuffled) => {
      expect(releasesOf(shuffled, 'r-*').toReversed()).toEqual(sorted);
    }),
  );
});

test.each([
  [['v1.2-maint', 'v1.10-maint', 'v1.2', '-maint'], 'v*-maint', ['v1.10-maint', 'v1.2-maint']],
  [['ab', 'a'], 'a*b', []],
  [['aba', 'ab1ba', 'aba'], 'ab*ba', ['ab1ba']],
])('the star may be anywhere: of %j, %j matches %j', (branches, glob, matched) => {
  expect(releasesOf(branches, glob)).toEqual(matched);
});

test.each([
  ['relase-*', ALL, 'did you mean release-*? it matches release-2.31, release-2.30, release-2.29'],
  ['release-v*', ['master', 'release-2.9'], 'did you mean release-*? it matches release-2.9'],
  ['stable/*', ALL, 'until there is a first release branch, leave out releases and newest'],
  ['release-*', ['master', 'release-next'], 'leave out releases and newest'],
])('releases that match no branch are reported with what is near: %s', (glob, branches, near) => {
  const rule = { default: 'master', releases: { glob, newest: 3 } };
  const { problems } = selectBranches(rule, { branches: new Set(branches) });
  expect(problems).toEqual([
    {
      code: 'NO_SUPPORTED_BRANCH',
      problem: `no branch matches "${glob}" with a version for the star`,
      remedy: expect.stringContaining(near) as unknown,
    },
  ]);
});

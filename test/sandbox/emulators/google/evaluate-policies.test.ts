import { expect, test } from 'vitest';
import type { CleanupPolicy } from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';
import {
  evaluatePolicies,
  type PolicySubject,
} from '../../../../infra/sandbox/emulators/google/evaluate-policies.ts';

/** In milliseconds. */
const DAY = 86_400_000;
const NOW = 1000 * DAY;

const policy =
  (action: CleanupPolicy['action']) =>
  (condition: CleanupPolicy['condition']): CleanupPolicy => ({ action, condition });
const keep = policy('KEEP');
const remove = policy('DELETE');
/** Deletes whatever there is. */
const ALL = remove({ tagState: 'ANY' });
const newest = (keepCount: number, ...packageNamePrefixes: string[]): CleanupPolicy => ({
  action: 'KEEP',
  mostRecentVersions: { keepCount, packageNamePrefixes },
});

/** A version of `debian` with the digest `sha256:<letter>`, so many days old. */
function version(letter: string, days: number, tags: string[] = [], packageName = 'debian') {
  return { packageName, versionName: `sha256:${letter}`, tags, uploaded: NOW - days * DAY };
}

/** The letters of the deleted versions. */
function deleted(policies: Record<string, CleanupPolicy>, versions: readonly PolicySubject[]) {
  const decisions = evaluatePolicies(policies, versions, NOW);
  const gone = decisions.filter(({ action }) => action === 'DELETE');
  return gone.map(({ version: { versionName } }) => versionName.at(-1)).join('');
}

// a b c d: 40, 30, 20 and 10 days old.
const FOUR = [
  version('a', 40, ['release-1.30', 'latest']),
  version('b', 30, ['release-1.3']),
  version('c', 20),
  version('d', 10, ['main']),
];

const OLD = remove({ olderThan: '2160000s' });

test.each<[string, Record<string, CleanupPolicy>, string]>([
  ['no policy deletes nothing', {}, ''],
  ['a KEEP policy alone deletes nothing', { k: newest(1) }, ''],
  ['DELETE of any tag state deletes all', { d: ALL }, 'abcd'],
  ['an unspecified tag state is any', { d: remove({ olderThan: '0s' }) }, 'abcd'],
  ['UNTAGGED', { d: remove({ tagState: 'UNTAGGED' }) }, 'c'],
  ['TAGGED', { d: remove({ tagState: 'TAGGED' }) }, 'abd'],
  ['olderThan 25 days', { d: OLD }, 'ab'],
  ['olderThan exactly its age is not older', { d: remove({ olderThan: '2592000s' }) }, 'a'],
  ['newerThan 25 days', { d: remove({ newerThan: '2160000s' }) }, 'cd'],
  ['newerThan exactly its age is not newer', { d: remove({ newerThan: '1728000s' }) }, 'd'],
  ['all fields must match', { d: remove({ olderThan: '2160000s', newerThan: '3024000s' }) }, 'b'],
  ['any tag with any prefix will do', { d: remove({ tagPrefixes: ['late', 'ma'] }) }, 'ad'],
  [
    'release-1.3 is a prefix of release-1.30',
    { d: remove({ tagPrefixes: ['release-1.3'] }) },
    'ab',
  ],
  ['a prefix is at the beginning', { d: remove({ tagPrefixes: ['1.30'] }) }, ''],
  ['a digest names one version', { d: remove({ versionNamePrefixes: ['sha256:b'] }) }, 'b'],
  ['a package prefix', { d: remove({ packageNamePrefixes: ['deb'] }) }, 'abcd'],
  ['a package prefix of others', { d: remove({ packageNamePrefixes: ['rocky', 'debian-'] }) }, ''],
  ['KEEP beats DELETE', { d: ALL, k: keep({ olderThan: '2160000s' }) }, 'cd'],
  [
    'any of several DELETE policies is enough',
    { d: remove({ tagState: 'UNTAGGED' }), e: OLD },
    'abc',
  ],
  ['the newest 2 stay', { d: ALL, k: newest(2) }, 'ab'],
  ['more than there are stay', { d: ALL, k: newest(9) }, ''],
  ['the newest of other packages protect nothing', { d: ALL, k: newest(2, 'rocky') }, 'abcd'],
])('%s', (_, policies, expected) => {
  expect(deleted(policies, FOUR)).toBe(expected);
  // The order of versions and policies means nothing.
  const reversed = Object.fromEntries(Object.entries(policies).reverse());
  const letters = deleted(reversed, FOUR.toReversed()).split('');
  expect(letters.reverse().join('')).toBe(expected);
});

test('the newest versions are counted per package, and a prefix takes in other packages', () => {
  const versions = [
    version('a', 3),
    version('b', 2),
    version('c', 1),
    version('x', 6, [], 'debian-extra'),
    version('y', 5, [], 'debian-extra'),
    version('r', 9, [], 'rocky'),
  ];
  expect(deleted({ d: ALL, k: newest(1) }, versions)).toBe('abx');
  expect(deleted({ d: ALL, k: newest(1, 'debian') }, versions)).toBe('abxr');
});

test('the newest versions include untagged ones, and those of one time stay together', () => {
  const versions = [
    version('a', 3, ['old']),
    version('b', 2),
    version('c', 2),
    version('d', 1, ['new']),
  ];
  expect(deleted({ d: ALL, k: newest(2) }, versions)).toBe('a');
});

test('a version that an index of its package names is held, and counted among the newest', () => {
  const index = { ...version('i', 9, ['v1']), children: ['sha256:m', 'sha256:n', 'sha256:gone'] };
  const others = [version('m', 9), version('n', 9), version('m', 9, [], 'rocky')];
  const decisions = evaluatePolicies({ d: ALL }, [index, ...others], NOW);
  expect(decisions.map(({ action }) => action)).toEqual(['DELETE', 'HELD', 'HELD', 'DELETE']);
  expect(decisions[1]?.policies).toEqual(['d']);
  // Without its index it is judged like any other.
  expect(deleted({ d: ALL }, others)).toBe('mnm');
  expect(deleted({ d: ALL, k: newest(2) }, [version('a', 10, ['v0']), index, ...others])).toBe('a');
  const kept = evaluatePolicies({ d: ALL, k: newest(2) }, [index, ...others], NOW);
  expect(kept.map(({ action }) => action)).toEqual(['KEEP', 'KEEP', 'KEEP', 'KEEP']);
});

test('a decision names the policies that led to it', () => {
  const decisions = (policies: Record<string, CleanupPolicy>) =>
    evaluatePolicies(policies, FOUR, NOW).map(
      ({ action, policies: ids }) => `${action} ${ids.join()}`,
    );
  const all = { z: ALL, d: OLD, k: newest(1) };
  expect(decisions(all)).toEqual(['DELETE d,z', 'DELETE d,z', 'DELETE z', 'KEEP k']);
  expect(decisions({ k: newest(1) })).toEqual(['NONE ', 'NONE ', 'NONE ', 'KEEP k']);
});

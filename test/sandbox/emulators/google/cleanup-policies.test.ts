import { expect, test } from 'vitest';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { createRepository, refusal, REPOSITORY, startApi } from './started-api.ts';

const OLD = { olderThan: '2592000s' };
const DELETE_OLD: CleanupPolicy = { action: 'DELETE', condition: OLD };

function check(policies: Record<string, unknown>): void {
  checkCleanupPolicies(
    Object.fromEntries(
      Object.entries(policies).map(([id, policy]) => [id, CleanupPolicy.parse(policy)]),
    ),
  );
}

const GOOD: readonly [string, CleanupPolicy][] = [
  ['an age', DELETE_OLD],
  [
    'all that a condition has',
    {
      action: 'KEEP',
      condition: {
        tagState: 'TAGGED',
        tagPrefixes: ['release-'],
        versionNamePrefixes: ['sha256:ab'],
        packageNamePrefixes: ['debian'],
        newerThan: '86400s',
        olderThan: '0s',
      },
    },
  ],
  ['untagged versions', { action: 'DELETE', condition: { tagState: 'UNTAGGED' } }],
  ['the newest versions', { action: 'KEEP', mostRecentVersions: { keepCount: 1 } }],
  [
    'the newest of some packages',
    {
      action: 'KEEP',
      mostRecentVersions: { keepCount: 3, packageNamePrefixes: ['debian'] },
    },
  ],
];

test.each(GOOD)('a policy on %s is taken', (_, policy) => {
  expect(() => {
    check({ policy });
  }).not.toThrow();
});

const BAD: readonly [string, CleanupPolicy, RegExp][] = [
  ['without an action', { condition: OLD }, /missing an action/],
  ['with an unspecified action', { action: 'ACTION_UNSPECIFIED', condition: OLD }, /action/],
  ['without a condition', { action: 'DELETE' }, /policy bad is missing a condition/],
  [
    'with both kinds of condition',
    {
      action: 'KEEP',
      condition: OLD,
      mostRecentVersions: { keepCount: 1 },
    },
    /both/,
  ],
  ['that deletes the newest', { action: 'DELETE', mostRecentVersions: { keepCount: 1 } }, /KEEP/],
  ['that keeps none of the newest', { action: 'KEEP', mostRecentVersions: {} }, /keepCount/],
  [
    'with tag prefixes but no tag state',
    {
      action: 'KEEP',
      condition: { tagPrefixes: ['release-'] },
    },
    /TAGGED/,
  ],
  [
    'with tag prefixes and any tag state',
    {
      action: 'KEEP',
      condition: { tagState: 'ANY', tagPrefixes: ['release-'] },
    },
    /TAGGED/,
  ],
  [
    'with tag prefixes of untagged versions',
    {
      action: 'KEEP',
      condition: { tagState: 'UNTAGGED', tagPrefixes: ['release-'] },
    },
    /TAGGED/,
  ],
  ['with an empty prefix', { action: 'KEEP', condition: { packageNamePrefixes: [''] } }, /empty/],
  ['with a negative age', { action: 'DELETE', condition: { olderThan: '-1s' } }, /negative/],
  ['with another id than its key', { ...DELETE_OLD, id: 'good' }, /differs/],
];

test.each(BAD)('a policy %s is refused', (_, policy, message) => {
  expect(() => {
    check({ bad: policy });
  }).toThrow(message);
});

test('an id has 1 to 127 characters', () => {
  for (const id of ['x', 'x'.repeat(127)])
    expect(() => {
      check({ [id]: DELETE_OLD });
    }).not.toThrow();
  for (const id of ['', 'x'.repeat(128)])
    expect(() => {
      check({ [id]: DELETE_OLD });
    }).toThrow(/127/);
});

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`policy-${at}`, DELETE_OLD]));

test('a repository has at most 10 policies, at its creation and after', async () => {
  const api = await startApi();
  await createRepository(api, { cleanupPolicies: numbered(10) });
  const patch = (count: number) =>
    api.call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies`, {
      cleanupPolicies: numbered(count),
    });
  expect(await patch(11)).toMatchObject(
    refusal(400, 'INVALID_ARGUMENT', expect.stringMatching(/^invalid cleanup policy: at most 10/)),
  );
  expect(await patch(9)).toMatchObject({ status: 200 });
});

const BAD_DURATIONS = ['30d', '2592000', 'P30D', '1h', '1.5', 's', '1 s', 2592000] as const;

test.each(BAD_DURATIONS)('%s is no duration: it must be seconds with an "s"', async (olderThan) => {
  const api = await startApi();
  await createRepository(api);
  const answer = await api.call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies`, {
    cleanupPolicies: { old: { action: 'DELETE', condition: { olderThan } } },
  });
  expect(answer).toMatchObject(
    refusal(
      400,
      'INVALID_ARGUMENT',
      expect.stringMatching(
        /^Invalid value at 'repository.cleanup_policies\[0\].value.condition.older_than' \(type/i,
      ),
    ),
  );
});

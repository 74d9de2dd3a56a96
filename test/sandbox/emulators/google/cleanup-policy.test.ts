import { expect, test } from 'vitest';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { apiError, createRepository, REPOSITORY, startApi } from './started-api.ts';

const OLD = { olderThan: '2592000s' };
const DELETE_OLD: CleanupPolicy = { action: 'DELETE', condition: OLD };
const ALL_FIELDS = {
  tagState: 'TAGGED',
  tagPrefixes: ['release-'],
  versionNamePrefixes: ['sha256:ab'],
  packageNamePrefixes: ['debian'],
  newerThan: '86400s',
  olderThan: '0s',
};
const newest = (keepCount?: number) => ({ action: 'KEEP', mostRecentVersions: { keepCount } });

/** Checks one policy as a request has it. */
const check = (id: string, policy: object) => () => {
  checkCleanupPolicies({ [id]: CleanupPolicy.parse(policy) });
};

test.each<[string, object]>([
  ['an age', DELETE_OLD],
  ['all that a condition has', { action: 'KEEP', condition: ALL_FIELDS }],
  ['untagged versions', { action: 'DELETE', condition: { tagState: 'UNTAGGED' } }],
  ['the newest versions', newest(1)],
  [
    'the newest of some packages',
    { action: 'KEEP', mostRecentVersions: { keepCount: 3, packageNamePrefixes: ['debian'] } },
  ],
])('a policy on %s is accepted', (_, policy) => {
  expect(check('policy', policy)).not.toThrow();
});

const keep = (condition: object) => ({ action: 'KEEP', condition });
const tagPrefixes = ['release-'];

test.each<[string, object, RegExp]>([
  ['without an action', { condition: OLD }, /missing an action/],
  ['with an unknown action', { action: 'ACTION_UNSPECIFIED', condition: OLD }, /action/],
  ['without a condition', { action: 'DELETE' }, /policy bad is missing a condition/],
  ['with both kinds of condition', { ...newest(1), condition: OLD }, /both/],
  ['that deletes the newest', { ...newest(1), action: 'DELETE' }, /KEEP/],
  ['that keeps none of the newest', newest(), /keepCount/],
  ['with tag prefixes but no tag state', keep({ tagPrefixes }), /TAGGED/],
  ['with tag prefixes and any tag state', keep({ tagState: 'ANY', tagPrefixes }), /TAGGED/],
  ['with prefixes of untagged versions', keep({ tagState: 'UNTAGGED', tagPrefixes }), /TAGGED/],
  ['with an empty prefix', keep({ packageNamePrefixes: [''] }), /empty/],
  ['with a negative age', keep({ olderThan: '-1s' }), /negative/],
  ['with another id than its key', { ...DELETE_OLD, id: 'good' }, /differs/],
])('a policy %s is rejected', (_, policy, message) => {
  expect(check('bad', policy)).toThrow(message);
});

test('an id has 1 to 127 characters', () => {
  for (const id of ['x', 'x'.repeat(127)]) expect(check(id, DELETE_OLD)).not.toThrow();
  for (const id of ['', 'x'.repeat(128)]) expect(check(id, DELETE_OLD)).toThrow(/127/);
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
    apiError(400, 'INVALID_ARGUMENT', expect.stringMatching(/^invalid cleanup policy: at most 10/)),
  );
  expect(await patch(9)).toMatchObject({ status: 200 });
});

test.each(['30d', '2592000', '1.5', 's', '1 s', 2592000])(
  '%s is no duration: it must be seconds with an "s"',
  async (olderThan) => {
    const api = await startApi();
    await createRepository(api);
    const response = await api.call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies`, {
      cleanupPolicies: { old: { action: 'DELETE', condition: { olderThan } } },
    });
    const place = 'repository.cleanup_policies.old.condition.older_than';
    const message = expect.stringContaining(`Invalid value at '${place}' (`) as unknown;
    expect(response).toMatchObject(apiError(400, 'INVALID_ARGUMENT', message));
  },
);

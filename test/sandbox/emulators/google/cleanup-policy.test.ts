import { expect, test } from 'vitest';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { apiError, REPOSITORY, startWithRepository } from './started-api.ts';

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
const newest = (keepCount?: number, more: object = {}) => ({
  action: 'KEEP',
  mostRecentVersions: { keepCount, ...more },
});

/** Checks one policy as a request has it. */
const check = (id: string, policy: object) => () => {
  checkCleanupPolicies({ [id]: CleanupPolicy.parse(policy) });
};

test.each<[string, object]>([
  ['all that a condition has', { action: 'KEEP', condition: ALL_FIELDS }],
  ['the newest of all packages', newest(1)],
  ['the newest of some', newest(3, { packageNamePrefixes: ['debian'] })],
])('a policy on %s is accepted', (_, policy) => {
  expect(check('policy', policy)).not.toThrow();
});

const keep = (condition: object) => ({ action: 'KEEP', condition });
const { tagPrefixes } = ALL_FIELDS;

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
  ...['30d', '2592000', 's', '1 s', '-1s'].map((olderThan): [string, object, RegExp] => [
    `with the age ${olderThan}`,
    keep({ olderThan }),
    /and not be negative/,
  ]),
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

test('a repository has at most 10 policies', async () => {
  const { call } = await startWithRepository({ cleanupPolicies: numbered(10) });
  const patch = (count: number) =>
    call('PATCH', `v1/${REPOSITORY}`, { cleanupPolicies: numbered(count) });
  const message = expect.stringMatching(/^invalid cleanup policy: at most 10/) as unknown;
  expect(await patch(11)).toMatchObject(apiError(400, 'INVALID_ARGUMENT', message));
  expect(await patch(9)).toMatchObject({ status: 200 });
});

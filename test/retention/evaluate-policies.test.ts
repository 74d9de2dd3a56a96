import { describe, expect, test } from 'vitest';
import {
  evaluatePolicies,
  type InventoryVersion,
  type PolicyCondition,
  type RegistryPolicy,
} from '../../src/retention/evaluate-policies.ts';
import { deepFreeze, digest, NOW, held } from './retention-fixture.ts';

const TAGGED = held('debian-12', 10, { digest: digest('ab'), tags: ['v1.30', 'latest'] });
const UNTAGGED = held('debian-12', 10, { digest: digest('ab') });

/** Whether a DELETE policy of this condition deletes the version. */
function matches(condition: PolicyCondition, subject: InventoryVersion): boolean {
  const policy: RegistryPolicy = { id: 'x', action: 'DELETE', condition };
  return evaluatePolicies([policy], [subject], NOW)[0]?.action === 'delete';
}

describe('a condition', () => {
  test.each<[PolicyCondition, tagged: boolean, untagged: boolean]>([
    [{}, true, true],
    [{ tagState: 'ANY' }, true, true],
    [{ tagState: 'TAGGED' }, true, false],
    [{ tagState: 'UNTAGGED' }, false, true],
    [{ tagState: 'TAGGED', tagPrefixes: ['v1.3'] }, true, false], // v1.3 begins v1.30
    [{ tagState: 'TAGGED', tagPrefixes: ['x', 'lat'] }, true, false], // any prefix, any tag
    [{ tagState: 'TAGGED', tagPrefixes: ['1.30', 'V1'] }, false, false], // only from the beginning
    [{ tagState: 'TAGGED', tagPrefixes: [] }, true, false],
    [{ packageNamePrefixes: ['debian-1'] }, true, true],
    [{ packageNamePrefixes: ['ubuntu', 'debian-12'] }, true, true],
    [{ packageNamePrefixes: ['debian-12-extra'] }, false, false],
    [{ versionNamePrefixes: [digest('ab')] }, true, true],
    [{ versionNamePrefixes: [digest('a')] }, false, false],
    [{ olderThan: '863999s' }, true, true], // 10 d = 864,000 s
    [{ olderThan: '864000s' }, false, false],
    [{ newerThan: '864001s' }, true, true],
    [{ newerThan: '864000s' }, false, false],
    [{ olderThan: '863999.5s', newerThan: '864000.5s' }, true, true],
    [{ tagState: 'TAGGED', olderThan: '864001s' }, false, false], // all that is set
    [{ packageNamePrefixes: ['debian'], tagState: 'TAGGED', tagPrefixes: ['x'] }, false, false],
  ])('%j', (condition, tagged, untagged) => {
    expect([matches(condition, TAGGED), matches(condition, UNTAGGED)]).toEqual([tagged, untagged]);
  });

  test.each(['10d', '864000', '-1s', 's', ''])('with the duration %j is rejected', (olderThan) => {
    expect(() => matches({ olderThan }, TAGGED)).toThrow(/not a number of seconds/);
  });

  test('that is missing matches nothing', () => {
    const [verdict] = evaluatePolicies([{ id: 'x', action: 'DELETE' }], [TAGGED], NOW);
    expect(verdict).toEqual({ version: TAGGED, action: 'keep', policies: [], heldBy: [] });
  });
});

const keep = (id: string): RegistryPolicy => ({ id, action: 'KEEP', condition: {} });
const remove = (id: string): RegistryPolicy => ({ id, action: 'DELETE', condition: {} });

test.each<[number, readonly number[], readonly string[] | undefined, readonly number[]]>([
  [1, [3, 1, 2], undefined, [1]],
  [2, [3, 1, 2], undefined, [1, 2]],
  [5, [3, 1, 2], undefined, [3, 1, 2]],
  [2, [1, 2, 2, 3], undefined, [1, 2, 2]], // equally old: both
  [1, [], undefined, []],
  [1, [1, 2], ['debian'], [1]],
  [1, [1, 2], ['ubuntu'], []],
  [1, [1, 2], [], [1]],
])('the newest %d versions of the ages %j in packages %j are %j', (count, ages, prefixes, kept) => {
  const mostRecentVersions = { keepCount: count, packageNamePrefixes: prefixes };
  const newest: RegistryPolicy = { id: 'newest', action: 'KEEP', mostRecentVersions };
  const versions = ages.map((days, at) => held('debian-12', days, { digest: digest(`${at}`) }));
  const verdicts = evaluatePolicies([newest, remove('all')], versions, NOW);
  expect(ages.filter((_, at) => verdicts[at]?.action === 'keep')).toEqual(kept);
});

describe('a verdict', () => {
  test('names every KEEP that matches, and no DELETE beside them', () => {
    const policies = [remove('r1'), keep('k1'), remove('r2'), keep('k2')];
    expect(evaluatePolicies(policies, [TAGGED], NOW)).toEqual([
      { version: TAGGED, action: 'keep', policies: ['k1', 'k2'], heldBy: [] },
    ]);
  });

  test('names every DELETE that matches when there is no KEEP', () => {
    expect(evaluatePolicies([remove('r1'), remove('r2')], [TAGGED], NOW)).toEqual([
      { version: TAGGED, action: 'delete', policies: ['r1', 'r2'], heldBy: [] },
    ]);
  });

  test('keeps what an index refers to, and says which one', () => {
    const indexes = [digest('1'), digest('2')];
    const child = { ...UNTAGGED, indexes };
    expect(evaluatePolicies([remove('r')], [child], NOW)).toEqual([
      { version: child, action: 'keep', policies: ['r'], heldBy: indexes },
    ]);
    expect(evaluatePolicies([keep('k'), remove('r')], [child], NOW)[0]?.heldBy).toEqual([]);
  });

  test('stands in the order of the versions, each of which comes back as it was', () => {
    const versions = deepFreeze([UNTAGGED, TAGGED, { ...TAGGED, note: 'mine' }]);
    const verdicts = evaluatePolicies(deepFreeze([remove('r')]), versions, NOW);
    expect(verdicts.map((each) => each.version)).toEqual(versions);
  });

  test('is to keep, when no policy matches', () => {
    expect(evaluatePolicies([], [TAGGED], NOW)[0]).toMatchObject({ action: 'keep', policies: [] });
  });
});

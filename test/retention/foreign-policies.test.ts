import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  evaluatePolicies,
  type PolicyCondition,
  type RegistryPolicy,
} from '../../src/retention/evaluate-policies.ts';
import { fatesUnder, underForeignPolicies } from '../../src/retention/foreign-policies.ts';
import { gcloudPolicies, terraformPolicies } from '../../src/retention/format-policies.ts';
import { forecast } from '../../src/retention/forecast.ts';
import { judgeMembers } from '../../src/retention/members.ts';
import { branch, need } from './any-references.ts';
import { anyRegistry } from './any-registry.ts';
import { DAY, digest, held, inDays, NOW, someRetention } from './retention-fixture.ts';

const rule = (
  id: string,
  action: RegistryPolicy['action'],
  condition: PolicyCondition,
): RegistryPolicy => ({ id, action, condition });

const ALL = rule('delete-all', 'DELETE', { tagState: 'ANY', olderThan: `${90 * DAY}s` });

function fates(policies: readonly RegistryPolicy[], versions: Parameters<typeof fatesUnder>[1]) {
  const found = fatesUnder(policies, versions, NOW);
  return versions.map((version) => {
    const fate = found.get(version);
    return fate && [fate.goesAt.toISOString().slice(0, 10), ...fate.policies];
  });
}

describe('the day on which policies of others delete a version', () => {
  test('is that of the DELETE by age', () => {
    expect(fates([ALL], [held('debian', 10), held('debian', 100)])).toEqual([
      ['2027-02-19', 'delete-all'],
      ['2026-12-01', 'delete-all'],
    ]);
  });

  test('never comes where a KEEP matches, by tag or among the newest', () => {
    const tagged = rule('keep', 'KEEP', { tagState: 'TAGGED', tagPrefixes: ['release-'] });
    const mostRecentVersions = { keepCount: 1 };
    const newest: RegistryPolicy = { id: 'newest', action: 'KEEP', mostRecentVersions };
    const versions = [
      held('debian', 200, { tags: ['release-1.0'] }),
      held('debian', 100, { tags: ['v1'], digest: digest('b') }),
      held('debian', 1, { tags: ['v2'], digest: digest('c') }),
    ];
    expect(fates([ALL, tagged, newest], versions)).toEqual([
      undefined,
      ['2026-12-01', 'delete-all'],
      undefined,
    ]);
  });

  test('comes when a KEEP of the young ends', () => {
    const young = rule('young', 'KEEP', { newerThan: `${120 * DAY}s` });
    expect(fates([ALL, young], [held('debian', 100)])).toEqual([['2026-12-21', 'delete-all']]);
  });

  test('is today for a DELETE of the young alone', () => {
    const young = rule('young', 'DELETE', { newerThan: `${20 * DAY}s` });
    expect(fates([young], [held('debian', 10), held('debian', 30)])).toEqual([
      ['2026-12-01', 'young'],
      undefined,
    ]);
  });

  test('of a member is that of its index', () => {
    const index = held('debian', 10, { digest: digest('b') });
    const member = held('debian', 100, { indexes: [index.digest] });
    expect(fates([ALL], [index, member])).toEqual([
      ['2027-02-19', 'delete-all'],
      ['2027-02-19', 'delete-all'],
    ]);
  });

  test('is the first on which the evaluator deletes it, whatever the policies', () => {
    const days = fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined });
    const condition = fc
      .record({
        tagState: fc.constantFrom('TAGGED', 'UNTAGGED', 'ANY' as const),
        olderThan: days,
        newerThan: days,
      })
      .map(({ tagState, olderThan, newerThan }) => ({
        tagState,
        ...(olderThan !== undefined && { olderThan: `${olderThan * DAY}s` }),
        ...(newerThan !== undefined && { newerThan: `${newerThan * DAY}s` }),
      }));
    const policy = fc.oneof(
      fc.record({ action: fc.constantFrom('KEEP', 'DELETE' as const), condition }),
      fc.record({
        action: fc.constant('KEEP' as const),
        mostRecentVersions: fc.record({ keepCount: fc.integer({ min: 1, max: 4 }) }),
      }),
    );
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 4 }), anyRegistry, (some, versions) => {
        const policies = some.map((each, at): RegistryPolicy => ({ id: `p${at}`, ...each }));
        const found = fatesUnder(policies, versions, NOW);
        for (const day of [0, 1, 7, 20, 33, 59, 61, 200]) {
          const at = new Date(inDays(day).getTime() + 2);
          const verdicts = judgeMembers(evaluatePolicies(policies, versions, at));
          for (const { version, action, heldBy } of verdicts) {
            const goesAt = found.get(version)?.goesAt;
            // A member goes when the last of its indexes has gone, and is judged by itself only then.
            if (action === 'delete' && heldBy.length === 0 && !version.indexes?.length) {
              expect(goesAt?.getTime() ?? Infinity).toBeLessThanOrEqual(at.getTime());
            }
          }
        }
        for (const [version, { goesAt, policies: ids }] of found) {
          if (version.indexes?.length) continue;
          const at = new Date(goesAt.getTime() + 1);
          const verdict = evaluatePolicies(policies, versions, at).find(
            (one) => one.version === version,
          );
          // Of a day that has begun, the policy matched at its beginning.
          if (goesAt > NOW) expect(verdict).toMatchObject({ action: 'delete', policies: ids });
        }
      }),
    );
  });
});

describe('a forecast under policies of others', () => {
  const needed = held('debian', 10, { tags: ['v1'], digest: digest('b') });
  const other = held('debian', 20, { tags: ['v0'], digest: digest('c') });
  const references = {
    branches: [branch('main')],
    needs: [need(branch('main'), 'debian', 'v1'), need(branch('main'), 'debian', 'gone')],
  };
  const inputs = { retention: someRetention(), references, now: NOW, at: NOW };
  const own = forecast({ ...inputs, versions: [needed, other], live: [ALL] });
  const under = (live: readonly RegistryPolicy[], at = NOW) =>
    underForeignPolicies(own, live, { now: NOW, at, isLost: ({ tag: name }) => name === 'gone' });

  test('names each needed version with its day, and proposes what keeps it', () => {
    const { foreign, versions, missing, threats } = under([ALL]);
    expect(foreign.doomed).toMatchObject([
      { version: needed, goesAt: inDays(80), policies: ['delete-all'], needs: [{ tag: 'v1' }] },
    ]);
    expect(versions.map(({ verdict, goesAt }) => [verdict, goesAt])).toEqual([
      ['keep', inDays(80)],
      ['keep', inDays(70)],
    ]);
    expect(missing).toMatchObject([{ tag: 'gone' }]);
    expect(threats).toEqual([]);
    expect(foreign.proposal.map(({ action }) => action)).not.toContain('DELETE');
    expect(under([ALL, ...foreign.proposal]).foreign.doomed).toEqual([]);
  });

  test('says of what stays for now that they delete it later', () => {
    const textsOn = (at: Date) =>
      under([ALL], at).versions.map(({ reasons }) => reasons.at(-1)?.text);
    expect(textsOn(inDays(75))).toEqual([
      "until it goes by the owners' delete-all",
      "by the owners' delete-all",
    ]);
  });

  test('has their verdict on a later day', () => {
    expect(under([ALL], inDays(81)).versions.map(({ verdict }) => verdict)).toEqual([
      'delete',
      'delete',
    ]);
  });
});

describe('a proposal', () => {
  const policies: readonly RegistryPolicy[] = [
    { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
    rule('keep-aliases', 'KEEP', { tagState: 'TAGGED', tagPrefixes: ['latest', '${x}"'] }),
  ];

  test('for gcloud has names and types as its policy files have them', () => {
    expect(JSON.parse(JSON.stringify(gcloudPolicies(policies)))).toEqual([
      { name: 'keep-newest', action: { type: 'Keep' }, mostRecentVersions: { keepCount: 5 } },
      {
        name: 'keep-aliases',
        action: { type: 'Keep' },
        condition: { tagState: 'tagged', tagPrefixes: ['latest', '${x}"'] },
      },
    ]);
  });

  test('for Terraform has a block each, in which no text is a template', () => {
    expect(terraformPolicies(policies)).toBe(`cleanup_policies {
  id     = "keep-newest"
  action = "KEEP"
  most_recent_versions {
    keep_count = 5
  }
}
cleanup_policies {
  id     = "keep-aliases"
  action = "KEEP"
  condition {
    tag_state = "TAGGED"
    tag_prefixes = [
      "latest",
      "$\${x}\\"",
    ]
  }
}
`);
  });
});

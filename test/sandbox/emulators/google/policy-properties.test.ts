import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CleanupPolicy } from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';
import {
  evaluatePolicies,
  type PolicySubject,
} from '../../../../infra/sandbox/emulators/google/evaluate-policies.ts';
import { ALL, DAY, keep, newest, NOW, remove } from './some-policies.ts';

const tags = fc.uniqueArray(fc.constantFrom('latest', 'main', 'release-1.3', 'release-1.30'));
const subjects = fc.array(
  fc.record({
    packageName: fc.constantFrom('debian', 'debian-extra', 'rocky'),
    versionName: fc.constantFrom('sha256:aa', 'sha256:ab', 'sha256:bb'),
    tags,
    uploaded: fc.integer({ min: NOW - 60 * DAY, max: NOW }),
  }),
  { maxLength: 12 },
);
const seconds = fc.integer({ min: 0, max: 60 * 86_400 });
const condition = fc.record(
  {
    tagState: fc.constantFrom('TAGGED' as const, 'UNTAGGED' as const, 'ANY' as const),
    versionNamePrefixes: fc.subarray(['sha256:a', 'sha256:bb']),
    packageNamePrefixes: fc.subarray(['debian', 'rocky']),
    olderThan: seconds.map((value) => `${value}s`),
    newerThan: seconds.map((value) => `${value}s`),
  },
  { requiredKeys: [] },
);
const keeps = fc.oneof(
  condition.map(keep),
  fc.integer({ min: 1, max: 4 }).map((count) => newest(count)),
);
const indexesDeleted = (policies: Record<string, CleanupPolicy>, versions: PolicySubject[]) =>
  new Set(
    evaluatePolicies(policies, versions, NOW).flatMap(({ action }, at) =>
      action === 'DELETE' ? [at] : [],
    ),
  );

function expectWithin(part: ReadonlySet<number>, whole: ReadonlySet<number>): void {
  expect([...part].filter((at) => !whole.has(at))).toEqual([]);
}

describe('whatever the policies', () => {
  test('what a KEEP policy matches is never deleted', () => {
    fc.assert(
      fc.property(subjects, keeps, condition, (versions, keeping, deleting) => {
        // What KEEP matches is what DELETE of the same versions would need to be without it.
        const alone = evaluatePolicies({ keeping }, versions, NOW);
        const doomed = indexesDeleted({ keeping, d: remove(deleting), all: ALL }, versions);
        alone.forEach(({ action }, at) => {
          if (action === 'KEEP') expect(doomed.has(at)).toBe(false);
          else expect(doomed.has(at)).toBe(true);
        });
      }),
    );
  });

  test('a longer window, and a larger keepCount, never delete more', () => {
    fc.assert(
      fc.property(
        subjects,
        seconds,
        seconds,
        fc.integer({ min: 1, max: 5 }),
        (versions, a, b, count) => {
          const policies = (window: number, keepCount: number) => ({
            d: remove({ olderThan: `${window}s` }),
            k: newest(keepCount),
          });
          const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
          const more = indexesDeleted(policies(shorter, count), versions);
          for (const rarer of [policies(longer, count), policies(shorter, count + 1)]) {
            expectWithin(indexesDeleted(rarer, versions), more);
          }
        },
      ),
    );
  });

  test('one more KEEP policy never deletes more, one more DELETE policy never less', () => {
    fc.assert(
      fc.property(subjects, keeps, condition, condition, (versions, keeping, first, second) => {
        const doomed = indexesDeleted({ d: remove(first) }, versions);
        const kept = indexesDeleted({ d: remove(first), k: keeping }, versions);
        const both = indexesDeleted({ d: remove(first), e: remove(second) }, versions);
        expectWithin(kept, doomed);
        expectWithin(doomed, both);
      }),
    );
  });
});

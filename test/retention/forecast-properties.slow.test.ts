import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { evaluatePolicies as evaluateInEmulator } from '../../infra/sandbox/emulators/google/evaluate-policies.ts';
import { neededTags } from '../../src/branches/needs.ts';
import type { Need } from '../../src/branches/references.ts';
import { forecast, type Forecast, type ForecastInputs } from '../../src/retention/forecast.ts';
import { gracePeriods } from '../../src/retention/expiry.ts';
import { type HeldVersion, resolveNeeds } from '../../src/retention/resolve-needs.ts';
import { anyHeldVersions, anyReferences, branch, need } from './any-references.ts';
import { anyRetention, anyInventory, anyKeptForBranches } from './any-retention.ts';
import { deepFreeze, DAY, inDays, NOW, someRetention } from './retention-fixture.ts';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import {
  evaluatePolicies,
  type InventoryVersion,
  type RegistryPolicy,
} from '../../src/retention/evaluate-policies.ts';

/** What is forecast from, for any day up to a year from now; frozen, so that a change of it throws. */
const anyInputs: fc.Arbitrary<ForecastInputs> = fc
  .record({
    versions: anyHeldVersions,
    live: fc.constant([]),
    retention: anyRetention,
    references: anyReferences,
    now: fc.constant(NOW),
    at: fc.nat(365).map(inDays),
  })
  .map(deepFreeze);

/** The inputs with what an `up` before them has protected. */
const anyInputsAfterUp = fc.tuple(anyInputs, anyReferences).map(([inputs, before]) => ({
  ...inputs,
  live: forecast({ ...inputs, references: before }).policies,
}));

const nameOf = ({ packageName, digest }: HeldVersion) => `${packageName}@${digest}`;

function deletedBy({ versions }: Pick<Forecast, 'versions'>): readonly string[] {
  return versions.flatMap(({ version, verdict }) => (verdict === 'delete' ? nameOf(version) : []));
}

/** The decisions of the emulator, which takes policies from requests: a map by id, read by its own schema. */
function decideInEmulator<Version extends InventoryVersion>(
  policies: readonly RegistryPolicy[],
  versions: readonly Version[],
  day: Date,
) {
  const sent = policies.map(({ id, ...policy }) => {
    return [id, CleanupPolicy.parse(JSON.parse(JSON.stringify(policy)))] as const;
  });
  checkCleanupPolicies(Object.fromEntries(sent));
  const subjects = versions.map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: version.uploadedAt.getTime(),
  }));
  return evaluateInEmulator(Object.fromEntries(sent), subjects, day.getTime());
}

describe('whatever the registry holds and the branches need', () => {
  test('nothing that a supported branch needs is ever deleted, whatever the window and the day', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, (inputs) => {
        const { endangered, versions } = forecast(inputs);
        expect(endangered).toEqual([]);
        const deleted = new Set(deletedBy({ versions }));
        for (const need of inputs.references.needs) {
          const wanted = wantedBy(need, inputs);
          if (wanted !== undefined) expect(deleted.has(nameOf(wanted))).toBe(false);
        }
        for (const { reasons } of versions) expect(reasons).not.toEqual([]);
      }),
    );
  });

  test('what is forecast is what the emulator then deletes', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, (inputs) => {
        const { policies, versions } = forecast(inputs);
        const { live, retention, references, now } = inputs;
        const resolved = resolveNeeds(references, inputs.versions);
        const { unmarked } = gracePeriods(inputs.versions, resolved, live, retention, now);
        const movesAway = movesAwayIn(inputs);
        // As `up` leaves them: aliases at what their branches need, if that is there, and nowhere else.
        // And marked, whenever the grace ends: a marker makes a tagged version of one without tags.
        const after = inputs.versions.map((version) => ({
          ...version,
          tags: [
            ...version.tags.filter((tag) => !movesAway(version, tag)),
            ...(unmarked.has(version) ? ['unreferenced-now'] : []),
          ],
        }));
        const deleted = decideInEmulator(policies, after, inputs.at).filter(
          ({ action, version: { indexes = [] } }) => action === 'DELETE' && indexes.length === 0,
        );
        expect(deletedBy({ versions })).toEqual(deleted.map(({ version }) => nameOf(version)));
      }),
    );
  });

  test('a version goes on the day that is named, not before, and never without one', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, fc.nat(19), (inputs, chosen) => {
        const { goesAt, version } = forecast(inputs).versions[chosen] ?? {};
        const verdictOn = (time: number) =>
          forecast({ ...inputs, at: new Date(time) }).versions[chosen]?.verdict;
        if (goesAt === undefined) {
          if (version !== undefined) expect(verdictOn(8.64e15)).toBe('keep');
        } else {
          expect(verdictOn(goesAt.getTime() - 1)).toBe('keep');
          // A part of an index stays until the clean-up after that of the index.
          const isPart = (version?.indexes ?? []).length > 0;
          expect(verdictOn(goesAt.getTime() + 1)).toBe(isPart ? 'keep' : 'delete');
        }
      }),
    );
  });

  test('more needs of the branches, and a longer window or grace, never delete more', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, fc.nat(100), fc.nat(5), (inputs, days, count) => {
        const { retention, references } = inputs;
        const before = new Set(deletedBy(forecast(inputs)));
        const longer = {
          ...retention,
          window: retention.window + days * DAY,
          untaggedAfter: retention.untaggedAfter + days * DAY,
          gracePeriod: retention.gracePeriod + days * DAY,
        };
        const moreTime = deletedBy(forecast({ ...inputs, retention: longer }));
        expect(moreTime.filter((name) => !before.has(name))).toEqual([]);
        const fewer = { ...references, needs: references.needs.slice(0, count) };
        const less = { ...inputs, references: fewer };
        const lessNeeded = new Set(deletedBy(forecast(less)));
        const [moves, movesWithLess] = [movesAwayIn(inputs), movesAwayIn(less)];
        const unmoved = inputs.versions.filter((version) =>
          version.tags.every((tag) => moves(version, tag) === movesWithLess(version, tag)),
        );
        const saved = unmoved.map(nameOf).filter((name) => !lessNeeded.has(name));
        expect(saved.filter((name) => before.has(name))).toEqual([]);
      }),
    );
  });
});

/** The version that a need asks for, if the registry has it. */
function wantedBy(
  { image, tag, branch: { alias } }: Need,
  { versions }: ForecastInputs,
): HeldVersion | undefined {
  const named = (name: string) =>
    versions.find(({ packageName, tags }) => packageName === image && tags.includes(name));
  return tag === undefined ? (named(alias) ?? named('latest')) : named(tag);
}

/** Whether the next `up`, or one at the end of the grace period, moves a tag away, as the alias of a branch. */
function movesAwayIn(inputs: ForecastInputs) {
  const { versions, live, retention, references, now } = inputs;
  const { branches, needs } = references;
  const { ends } = gracePeriods(versions, resolveNeeds(references, versions), live, retention, now);
  return ({ packageName, digest }: HeldVersion, tag: string): boolean => {
    if (!branches.some(({ alias }) => alias === tag)) return false;
    const standsForNone = neededTags({ needs })[packageName]?.[tag] === undefined;
    if (standsForNone) return !ends.has(digest) || Number(ends.get(digest)) > Number(now);
    return needs
      .filter(({ image, branch }) => image === packageName && branch.alias === tag)
      .map((need) => wantedBy(need, inputs))
      .every((wanted) => wanted !== undefined && wanted.digest !== digest);
  };
}

test('100,000 versions of 50 images for 10 branches take less than 3 seconds', () => {
  const hex = (number: number) => number.toString(16).padStart(64, '0');
  const versions = Array.from({ length: 100_000 }, (_, number) => ({
    packageName: `image-${number % 50}`,
    digest: `sha256:${hex(number)}` as HeldVersion['digest'],
    tags: [`tag-${number}`, ...(number < 50 ? ['latest'] : [])],
    uploadedAt: new Date(NOW.getTime() - number * 60_000),
    sizeBytes: 1000,
  }));
  const branches = Array.from({ length: 10 }, (_, number) => branch(`release-2.${number}`));
  const needs = branches.flatMap((of, number) =>
    Array.from({ length: 50 }, (__, image) =>
      need(of, `image-${image}`, `tag-${(number + 1) * 5000 + image}`),
    ),
  );
  // The thread's own time: others may be busy on the machine.
  const start = process.threadCpuUsage();
  const { versions: all } = forecast({
    versions,
    live: [],
    retention: someRetention({ window: 30 * DAY }),
    references: { branches, needs },
    now: NOW,
    at: NOW,
  });
  const { user, system } = process.threadCpuUsage(start);
  expect(all.filter(({ reasons }) => reasons[0]?.kind === 'branch')).toHaveLength(500);
  expect((user + system) / 1000).toBeLessThan(8000); // from microseconds
});

test('what is forecast is what the emulator decides, by the same policies', () => {
  fc.assert(
    fc.property(anyRetention, anyKeptForBranches, anyInventory, (retention, kept, versions) => {
      const policies = compilePolicies(retention, kept);
      const expected = evaluatePolicies(policies, versions, NOW);
      const decided = decideInEmulator(policies, versions, NOW);
      const brief = (action: string, ids: readonly string[]) =>
        [action === 'NONE' ? 'keep' : action.toLowerCase(), ...ids.toSorted()].join(' ');
      expect(expected.map((each) => brief(each.action, each.policies))).toEqual(
        decided.map((each) => brief(each.action, each.policies)),
      );
    }),
  );
});

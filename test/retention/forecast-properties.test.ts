import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { evaluatePolicies as evaluateInEmulator } from '../../infra/sandbox/emulators/google/evaluate-policies.ts';
import { forecast, type Forecast, type ForecastInputs } from '../../src/retention/forecast.ts';
import { gracePeriods } from '../../src/retention/expiry.ts';
import { type HeldVersion, resolveNeeds } from '../../src/retention/resolve-needs.ts';
import { anyHeldVersions, anyReferences, branch, need } from './any-references.ts';
import { anyRetention, anyInventory, anyProtection } from './any-retention.ts';
import { deepFreeze, DAY, NOW, someRetention } from './retention-fixture.ts';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { evaluatePolicies } from '../../src/retention/evaluate-policies.ts';

/** What is forecast from, for any day up to a year from now; frozen, so that a change of it throws. */
const anyInputs: fc.Arbitrary<ForecastInputs> = fc
  .record({
    versions: anyHeldVersions,
    live: fc.constant([]),
    retention: anyRetention,
    references: anyReferences,
    now: fc.constant(NOW),
    at: fc.integer({ min: 0, max: 365 }).map((days) => new Date(NOW.getTime() + days * DAY * 1000)),
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

/** The policies as the emulator takes them from a request: a map by id, read by its own schema. */
function asSent(policies: Forecast['policies']): Record<string, CleanupPolicy> {
  const sent = policies.map(({ id, ...policy }) => {
    return [id, CleanupPolicy.parse(JSON.parse(JSON.stringify(policy)))] as const;
  });
  return Object.fromEntries(sent);
}

/** The clean-up of the emulator by the policies, sent to it as requests are, on the day. */
function cleanUp(
  policies: Forecast['policies'],
  versions: readonly HeldVersion[],
  day: Date,
): readonly string[] {
  const sent = asSent(policies);
  checkCleanupPolicies(sent);
  const subjects = versions.map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: version.uploadedAt.getTime(),
  }));
  return evaluateInEmulator(sent, subjects, day.getTime())
    .filter(({ action, version }) => action === 'DELETE' && (version.indexes ?? []).length === 0)
    .map(({ version }) => nameOf(version));
}

describe('whatever the registry holds and the branches need', () => {
  test('nothing that a supported branch needs is ever deleted, whatever the window and the day', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, (inputs) => {
        const { endangered, versions } = forecast(inputs);
        expect(endangered).toEqual([]);
        const deleted = new Set(deletedBy({ versions }));
        for (const { image, tag, branch } of inputs.references.needs) {
          const named = (name: string) =>
            inputs.versions.find((v) => v.packageName === image && v.tags.includes(name));
          const wanted = tag === undefined ? (named(branch.alias) ?? named('latest')) : named(tag);
          if (wanted !== undefined) expect(deleted.has(nameOf(wanted))).toBe(false);
        }
      }),
    );
  });

  test('what is forecast is what the emulator then deletes', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, (inputs) => {
        const { policies, versions } = forecast(inputs);
        // As `up` leaves them: aliases at what their branches need, if that is there, and nowhere else.
        const after = inputs.versions.map((version) => ({
          ...version,
          tags: version.tags.filter((tag) => !movesAway(inputs, version, tag)),
        }));
        // And marked, whenever the grace ends: a marker makes a tagged version of one without tags.
        const { live, retention, references, now } = inputs;
        const resolved = resolveNeeds(references, inputs.versions);
        const { unmarked } = gracePeriods(inputs.versions, resolved, live, retention, now);
        const isUnmarked = inputs.versions.map((version) => unmarked.has(version));
        const tagged = after.map((version, at) =>
          isUnmarked[at] === true
            ? { ...version, tags: [...version.tags, 'unreferenced-now'] }
            : version,
        );
        expect(deletedBy({ versions })).toEqual(cleanUp(policies, tagged, inputs.at));
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
        const fewer = { ...references, needs: references.needs.slice(0, count) };
        const moreTime = deletedBy(forecast({ ...inputs, retention: longer }));
        expect(moreTime.filter((name) => !before.has(name))).toEqual([]);
        const lessNeeded = new Set(deletedBy(forecast({ ...inputs, references: fewer })));
        const unmoved = inputs.versions.filter((v) =>
          v.tags.every(
            (tag) =>
              movesAway(inputs, v, tag) === movesAway({ ...inputs, references: fewer }, v, tag),
          ),
        );
        const names = new Set(unmoved.map(nameOf));
        expect([...before].filter((name) => names.has(name) && !lessNeeded.has(name))).toEqual([]);
      }),
    );
  });

  test('every version has a reason', () => {
    fc.assert(
      fc.property(anyInputsAfterUp, (inputs) => {
        for (const { reasons } of forecast(inputs).versions) expect(reasons).not.toEqual([]);
      }),
    );
  });
});

/** Whether the next `up` moves a tag away, as the alias of a branch that needs another version. */
function movesAway(
  { versions, references }: ForecastInputs,
  { packageName, digest }: HeldVersion,
  tag: string,
): boolean {
  if (!references.branches.some(({ alias }) => alias === tag)) return false;
  const wanted = references.needs
    .filter(({ image, branch }) => image === packageName && branch.alias === tag)
    .map(({ branch, tag: exact }) => {
      const names: readonly string[] = exact === undefined ? [branch.alias, 'latest'] : [exact];
      return names
        .map((name) => versions.find((v) => v.packageName === packageName && v.tags.includes(name)))
        .find((version) => version !== undefined);
    });
  return wanted.every((v) => v !== undefined && v.digest !== digest);
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

test('the emulator takes whatever compiles', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, (retention, protection) => {
      checkCleanupPolicies(asSent(compilePolicies(retention, protection)));
    }),
  );
});

test('what is forecast is what the emulator decides, by the same policies', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, anyInventory, (retention, protection, versions) => {
      const policies = compilePolicies(retention, protection);
      const expected = evaluatePolicies(policies, versions, NOW);
      const subjects = versions.map(({ packageName, digest, tags, uploadedAt }) => ({
        packageName,
        versionName: digest,
        tags,
        uploaded: uploadedAt.getTime(),
      }));
      const decided = evaluateInEmulator(asSent(policies), subjects, NOW.getTime());
      const brief = (action: string, ids: readonly string[]) =>
        [action === 'NONE' ? 'keep' : action.toLowerCase(), ...ids.toSorted()].join(' ');
      expect(expected.map((each) => brief(each.action, each.policies))).toEqual(
        decided.map((each) => brief(each.action, each.policies)),
      );
    }),
  );
});

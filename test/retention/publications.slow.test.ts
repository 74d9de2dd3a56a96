import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CleanupPolicy } from '../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { evaluatePolicies } from '../../infra/sandbox/emulators/google/evaluate-policies.ts';
import { isAttachment, isLone } from '../../src/retention/attachments.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import { forecast, type Forecast } from '../../src/retention/forecast.ts';
import { isMember } from '../../src/retention/members.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { branch, need } from './any-references.ts';
import { anyRegistry } from './any-registry.ts';
import { anyRetention } from './any-retention.ts';
import { inDays, NOW } from './retention-fixture.ts';

const NO_BRANCHES = { branches: [], needs: [] };
const MAIN = branch('main');

const anyInputs = fc
  .record({
    versions: anyRegistry,
    retention: anyRetention.map((retention) => ({ ...retention, keepAliases: [], allow: [] })),
    at: fc.nat(400).map(inDays),
    needed: fc.nat(99),
  })
  .map(({ versions, needed, ...inputs }) => {
    const wanted = versions[needed % Math.max(versions.length, 1)];
    const bare = need(MAIN, wanted?.packageName ?? 'debian-1');
    const needs = wanted === undefined ? [] : [{ ...bare, isBare: false, digest: wanted.digest }];
    const references = { branches: [MAIN], needs };
    return { ...inputs, versions, wanted, references, live: [], now: NOW };
  });

const nameOf = ({ packageName, digest }: HeldVersion) => `${packageName}@${digest}`;

/** What the emulator deletes in one clean-up after the other, until nothing is left to delete. */
function cleanUps(
  policies: readonly RegistryPolicy[],
  versions: readonly HeldVersion[],
  at: Date,
): readonly (readonly HeldVersion[])[] {
  const sent = policies.map(({ id, ...policy }) => [id, CleanupPolicy.parse(policy)] as const);
  const subjects = versions.map((version) => ({
    version,
    packageName: version.packageName,
    tags: version.tags,
    versionName: version.digest,
    uploaded: version.uploadedAt.getTime(),
    children: (version.members ?? []).map(({ digest }) => digest),
  }));
  const decisions = evaluatePolicies(Object.fromEntries(sent), subjects, at.getTime());
  const deleted = decisions.flatMap(({ action, version: { version } }) =>
    action === 'DELETE' ? version : [],
  );
  if (deleted.length === 0) return [];
  const rest = versions.filter((version) => !deleted.includes(version));
  return [deleted, ...cleanUps(policies, rest, at)];
}

/** All that a version refers to: a pull of the version needs it. */
function wholeOf(version: HeldVersion, versions: readonly HeldVersion[]): readonly HeldVersion[] {
  const members = versions.filter(
    ({ packageName, indexes = [] }) =>
      packageName === version.packageName && indexes.includes(version.digest),
  );
  return [version, ...members.flatMap((member) => wholeOf(member, versions))];
}

function deletedBy({ versions }: Forecast): readonly HeldVersion[] {
  return versions.flatMap(({ version, verdict }) => (verdict === 'delete' ? version : []));
}

test('the newest publications of each image stay, whole, whatever lies between them', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const { versions, retention, at } = inputs;
      const { policies } = forecast({ ...inputs, references: NO_BRANCHES });
      const deleted = new Set(cleanUps(policies, versions, at).flat());
      const publications = versions.filter((each) => !isMember(each) && !isAttachment(each));
      for (const ofImage of Map.groupBy(publications, (each) => each.packageName).values()) {
        const newest = ofImage
          .toSorted((a, b) => b.uploadedAt.getTime() - a.uploadedAt.getTime())
          .slice(0, retention.keepNewest);
        // An image without its index takes a place among them, and nothing is promised of it.
        const whole = newest.filter((publication) => !isLone(publication));
        const needed = whole.flatMap((publication) => wholeOf(publication, versions));
        expect(needed.filter((version) => deleted.has(version))).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('a publication that a branch needs stays whole, and members go after their indexes', () => {
  fc.assert(
    fc.property(anyInputs, ({ wanted, ...inputs }) => {
      const { versions, at } = inputs;
      const made = forecast(inputs);
      const rounds = cleanUps(made.policies, versions, at);
      const roundOf = new Map(rounds.flatMap((all, round) => all.map((each) => [each, round])));
      const needed = wanted === undefined ? [] : wholeOf(wanted, versions);
      expect(needed.filter((version) => roundOf.has(version))).toEqual([]);
      expect(made.endangered).toEqual([]);
      for (const [member, round] of roundOf) {
        const indexes = versions.filter((each) =>
          wholeOf(each, versions).slice(1).includes(member),
        );
        for (const index of indexes) expect(roundOf.get(index)).toBeLessThan(round);
      }
    }),
    { numRuns: 300 },
  );
});

test('what is forecast to go is what the clean-up deletes, and members are what follows', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const { versions, at } = inputs;
      const made = forecast(inputs);
      const going = deletedBy(made);
      const [first = [], ...others] = cleanUps(made.policies, versions, at);
      const own = going.filter((version) => !isMember(version));
      expect(first.map(nameOf)).toEqual(own.map(nameOf));
      expect(others.flat().filter((version) => !going.includes(version))).toEqual([]);
      for (const { version, verdict, goesAt } of made.versions.filter((each) =>
        isMember(each.version),
      )) {
        const indexes = made.versions.filter((each) =>
          (version.indexes ?? []).some(
            (digest) => nameOf(each.version) === `${version.packageName}@${digest}`,
          ),
        );
        if (indexes.some((index) => index.verdict === 'keep')) expect(verdict).toBe('keep');
        for (const index of indexes)
          expect(goesAt?.getTime() ?? Infinity).toBeGreaterThanOrEqual(
            index.goesAt?.getTime() ?? Infinity,
          );
      }
    }),
    { numRuns: 300 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAttachment, ownerFinder } from '../../src/retention/attachments.ts';
import { isMember, nameOf } from '../../src/retention/members.ts';
import { goingIn, plainForecast, type PlainInputs } from '../../src/retention/plain-forecast.ts';
import { countPublications, planCleanUp } from '../../src/retention/plan-clean-up.ts';
import { resolveNeeds, type HeldVersion } from '../../src/retention/resolve-needs.ts';
import { graceMarker } from '../../src/branches/branch-alias.ts';
import { anyReferences, branch, need } from './any-references.ts';
import { anyRegistry } from './any-registry.ts';
import { anyRetention } from './any-retention.ts';
import { DAY, digest, held, inDays, NOW, someRetention } from './retention-fixture.ts';

const NONE = { branches: [], needs: [] };

function inputsOf(versions: readonly HeldVersion[], rest: Partial<PlainInputs> = {}): PlainInputs {
  const sets = { published: new Set<string>(), leftovers: new Set<string>() };
  const days = { now: NOW, at: NOW };
  return { versions, retention: someRetention(), references: NONE, ...sets, ...days, ...rest };
}

/** What goes, by the first digits of its digest. */
function going(versions: readonly HeldVersion[], rest: Partial<PlainInputs> = {}): string[] {
  const found = goingIn(plainForecast(inputsOf(versions, rest)));
  return [...found.values()].map((each) => each.slice(7, 9)).sort();
}

const old = (label: string, rest: Partial<HeldVersion> = {}) =>
  held('debian', 200, { digest: digest(label), tags: [`v${label}`], ...rest });
const newest = held('debian', 1, { digest: digest('ff'), tags: ['latest'] });

describe('of a registry without policies', () => {
  test('what nothing keeps goes, with its members and signatures', () => {
    const index = old('a1');
    const member = old('a2', { tags: [], indexes: [index.digest] });
    const signature = old('a3', { tags: [`sha256-${index.digest.slice(7)}.sig`] });
    const versions = [newest, ...more(20), index, member, signature];
    expect(going(versions)).toEqual(['a1', 'a2', 'a3']);
    const [unit, ...others] = planCleanUp(plainForecast(inputsOf(versions)), 100).units;
    expect(others).toEqual([]);
    expect(unit?.deletions.map(({ role }) => role)).toEqual([
      'attachment',
      'publication',
      'member',
    ]);
  });

  test('a version without a time stays, with all that belongs to it, and takes no place of another', () => {
    const unknown = Array.from({ length: 5 }, (_, at) =>
      old(`b${at}`, { uploadedAt: new Date(0), isTimeUnknown: true }),
    );
    const [index] = unknown;
    const member = old('c1', {
      tags: [],
      uploadedAt: new Date(0),
      indexes: index === undefined ? [] : [index.digest],
    });
    // The policies count a member of each publication.
    const others = [
      old('d1', { uploadedAt: inDays(-150) }),
      old('d2', { uploadedAt: inDays(-160) }),
    ];
    expect(going([...unknown, member, ...others, old('e1')])).toEqual(['e1']);
  });

  test('what the catalog stands for stays', () => {
    const rest = { published: new Set(['debian:va1']) };
    expect(going([newest, ...more(3), old('a1'), old('a2')], rest)).toEqual(['a2']);
  });

  test('a version that an alias names without a marker has its grace period yet to come', () => {
    const references = { branches: [branch('release-1.0')], needs: [] };
    const left = old('a1', { tags: ['va1', 'release-1.0'] });
    const several = old('a2', { tags: ['va2', 'release-1.0-v1-0123abcd'] });
    const rest = { references };
    expect(going([newest, ...more(3), left, several, old('a3')], rest)).toEqual(['a3']);
    const ended = { tags: ['va1', graceMarker(inDays(-60))] };
    expect(going([newest, ...more(3), old('a1', ended)], rest)).toEqual(['a1']);
  });

  test('so has one of a branch that is supported no more, by the names of its source', () => {
    const branches = { releases: { glob: 'release-*', newest: 1 } };
    const source = { name: 'ci', repository: '.', branches, pins: [], accept: [], references: [] };
    const left = old('a1', { tags: ['release-0.9'] });
    const prefixed = old('a2', { tags: ['ci-old'] });
    const sources = [source, { ...source, aliasPrefix: 'ci-', branches: { only: ['main'] } }];
    const retention = someRetention({ sources });
    expect(going([newest, ...more(3), left, prefixed, old('a3')], { retention })).toEqual(['a3']);
  });

  test('what an interrupted run has left of a version goes, unless somebody has come to need it', () => {
    const left = old('a1', { tags: [`${'ab'.repeat(16)}-linux-amd64`], isTimeUnknown: true });
    const leftovers = new Set([nameOf(left)]);
    expect(going([newest, left])).toEqual([]);
    expect(going([newest, left], { leftovers })).toEqual(['a1']);
    const references = {
      branches: [branch('main')],
      needs: [need(branch('main'), 'debian', `${'ab'.repeat(16)}-linux-amd64`)],
    };
    expect(going([newest, left], { leftovers, references })).toEqual([]);
    // Whatever a journal says, it began with nothing that stands for itself.
    const own = old('a1', { tags: ['v1'], isTimeUnknown: true });
    expect(going([newest, own], { leftovers })).toEqual([]);
    const adopted = { ...left, indexes: [newest.digest] };
    expect(going([newest, adopted], { leftovers })).toEqual([]);
  });
});

/** So many versions that are younger than the window. */
function more(count: number): readonly HeldVersion[] {
  return Array.from({ length: count }, (_, at) =>
    held('debian', 2 + at / 100, { digest: digest(`f${at.toString(16)}`), tags: [`n${at}`] }),
  );
}

test('a run may delete its share, and one publication at least', () => {
  const versions = [newest, ...more(7), old('a1'), old('a2'), old('a3')];
  const planned = planCleanUp(plainForecast(inputsOf(versions)), 25);
  expect([countPublications(planned.units), planned.publications, planned.most]).toEqual([
    3, 11, 2,
  ]);
  expect(planCleanUp(plainForecast(inputsOf(versions)), 1).most).toBe(1);
  // Of others, which never go, there may be any number.
  const others = Array.from({ length: 90 }, (_, at) =>
    held('theirs', 200, { digest: digest(`e${at.toString(16)}`), isTimeUnknown: true }),
  );
  const shared = planCleanUp(plainForecast(inputsOf([...versions, ...others])), 25);
  expect([shared.publications, shared.most]).toEqual([11, 2]);
});

describe('whatever the registry holds', () => {
  /** Some of the publications without a time, as of other tools; members and attachments have that of their owner. */
  const anyPlain = fc
    .tuple(anyRegistry, fc.array(fc.nat(30), { maxLength: 4 }))
    .map(([versions, untimed]) => {
      const ownersOf = ownerFinder(versions);
      const publications = versions.filter((each) => !isMember(each) && !isAttachment(each));
      const unknown = new Set(publications.filter((_, at) => untimed.includes(at)));
      return versions.map((version): HeldVersion => {
        const owners = [version, ...ownersOf(version)].filter((each) =>
          publications.includes(each),
        );
        const times = owners.map(({ uploadedAt }) => uploadedAt.getTime());
        if (owners.some((each) => unknown.has(each)) || owners.length === 0) {
          return { ...version, uploadedAt: new Date(0), isTimeUnknown: true };
        }
        return { ...version, uploadedAt: new Date(Math.max(...times)) };
      });
    });
  const anyInputs = fc
    .record({
      versions: anyPlain,
      // The second deletes most.
      retention: fc.oneof(
        anyRetention,
        fc.constant(someRetention({ window: DAY, untaggedAfter: DAY })),
      ),
      references: anyReferences,
      published: fc.array(fc.nat(30), { maxLength: 4 }),
    })
    .map(({ versions, published, ...rest }) => {
      const tagged = versions.flatMap(({ packageName, tags }) =>
        tags.map((name) => `${packageName}:${name}`),
      );
      const chosen = tagged.filter((_, at) => published.includes(at));
      return inputsOf(versions, { ...rest, published: new Set(chosen) });
    });

  test('the plan is the forecast: all that it says, once, and nothing else', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const forecast = plainForecast(inputs);
        const planned = planCleanUp(forecast, 100).units.flatMap(({ deletions }) => deletions);
        const names = planned.map(({ version }) => nameOf(version));
        expect(names.toSorted()).toEqual([...goingIn(forecast).keys()].toSorted());
        for (const unit of planCleanUp(forecast, 100).units) {
          for (const { version } of unit.deletions) expect(version.packageName).toBe(unit.image);
        }
      }),
    );
  });

  test('each deletion can be done in its place, and none takes what stays apart', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const { units } = planCleanUp(plainForecast(inputs), 100);
        const there = new Set(inputs.versions.map(nameOf));
        const ownersOf = ownerFinder(inputs.versions);
        for (const { version } of units.flatMap(({ deletions }) => deletions)) {
          const { packageName, indexes = [] } = version;
          for (const each of indexes) {
            expect(there.has(nameOf({ packageName, digest: each }))).toBe(false);
          }
          there.delete(nameOf(version));
        }
        for (const version of inputs.versions) {
          if (there.has(nameOf(version))) continue;
          expect(version.isTimeUnknown).not.toBe(true);
          for (const owner of ownersOf(version)) expect(there.has(nameOf(owner))).toBe(false);
        }
      }),
    );
  });

  test('nothing goes that a branch needs, nor what belongs to it', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const going = goingIn(plainForecast(inputs));
        const needed = new Set(resolveNeeds(inputs.references, inputs.versions).values());
        const ownersOf = ownerFinder(inputs.versions);
        for (const version of inputs.versions) {
          const owners = [version, ...ownersOf(version)];
          if (owners.some((each) => needed.has(each)))
            expect(going.has(nameOf(version))).toBe(false);
        }
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { graceMarker } from '../../src/branches/branch-alias.ts';
import type { References } from '../../src/branches/references.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import { forecast, type ForecastInputs } from '../../src/retention/forecast.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { branch, held, need } from './any-references.ts';
import {
  DAY,
  digest,
  entry,
  inDays as days,
  NOW,
  someRetention,
  tag,
} from './retention-fixture.ts';

const NONE: References = { branches: [], needs: [] };
const NEWER = held('debian-12', 0, { digest: digest('f'), tags: ['newer'] });
const MAIN = branch('main');
const RELEASE = branch('release-2.31');

function run(versions: readonly HeldVersion[], changes: Partial<ForecastInputs> = {}) {
  return forecast({
    versions: [...versions, NEWER],
    live: [],
    retention: someRetention({ gracePeriod: 30 * DAY }),
    references: NONE,
    now: NOW,
    at: changes.now ?? NOW,
    ...changes,
  });
}

/** What becomes of a version beside a newer one of its image: verdict, day it goes, reasons. */
function fate(version: HeldVersion, changes: Partial<ForecastInputs> = {}) {
  const { verdict, goesAt, reasons } = run([version], changes).versions[0] ?? {};
  const texts = reasons?.map(({ kind, text }) => `${kind}: ${text}`);
  return [verdict, goesAt?.toISOString().slice(0, 10) ?? 'never', ...(texts ?? [])];
}

describe('a version', () => {
  test('past its window goes, from the day on which it was too old', () => {
    const old = held('debian-12', 100, { tags: ['v1'] });
    expect(fate(old)).toEqual([
      'delete',
      '2026-11-21', // 1 December - 100 d + 90 d
      'expired: older than 90d, and nothing keeps it',
    ]);
    expect(fate({ ...old, tags: [] })).toEqual([
      'delete',
      '2026-09-06', // - 100 d + 14 d
      'expired: older than 14d without a tag, and nothing keeps it',
    ]);
  });

  test('inside its window stays, and goes on the day that is named', () => {
    const young = held('debian-12', 80, { tags: ['v1'] });
    const day = '2026-12-11'; // 1 December + 10 d
    expect(fate(young)).toEqual(['keep', day, `window: younger than 90d (goes on ${day})`]);
    expect(fate(young, { at: days(10) })[0]).toBe('keep');
    expect(fate(young, { at: days(11) }).slice(0, 2)).toEqual(['delete', day]);
  });

  test('that a branch needs by its tag stays, whoever else names it', () => {
    const old = held('debian-12', 1000, { tags: ['v1', 'latest'] });
    const references = { branches: [RELEASE, MAIN], needs: [need(RELEASE, 'debian-12', 'v1')] };
    const retention = someRetention({
      keepAliases: [tag('latest')],
      allow: [entry('debian-12:v1')],
      keepNewest: 2,
    });
    expect(fate(old, { references, retention })).toEqual([
      'keep',
      'never',
      'branch: needed by release-2.31 (tests/files/some.yml:3)',
      'alias: alias latest',
      'newest: one of the newest 2',
      'allowed: allowed as debian-12:v1',
    ]);
  });

  test('is named with its source where there are several, and with the number of places', () => {
    const other = branch('main', 'test-infra');
    const places = [1, 2, 3].map((line) => ({ file: 'jobs.yml', line }));
    const references = {
      branches: [MAIN, other],
      needs: [{ ...need(other, 'debian-12', 'v1'), places }],
    };
    expect(fate(held('debian-12', 100, { tags: ['v1'] }), { references })[2]).toBe(
      'branch: needed by test-infra main (jobs.yml:1 and 2 more)',
    );
  });

  test('that a branch names without a tag is the one of its pin, and only without a pin of latest', () => {
    const pinned = held('debian-12', 1000, { tags: ['release-2.31'] });
    const latest = held('debian-12', 900, { digest: digest('b'), tags: ['latest'] });
    const references = { branches: [RELEASE], needs: [need(RELEASE, 'debian-12')] };
    const verdicts = run([pinned, latest], { references }).versions.map((each) => each.verdict);
    expect(verdicts).toEqual(['keep', 'delete', 'keep']);
    expect(fate(latest, { references })[2]).toMatch(/^branch: needed by release-2.31/);
  });

  test('with the alias of another branch by prefix only is kept too, and says why', () => {
    const old = held('debian-12', 900, { tags: ['release-2.310'] });
    expect(fate(old, { references: { branches: [RELEASE], needs: [] } })).toEqual([
      'keep',
      'never',
      'alias: release-2.310 begins like the alias release-2.31',
    ]);
  });

  test('that an index refers to goes only after the index', () => {
    const index = held('debian-12', 85, { digest: digest('e'), tags: ['v1'] });
    const part = held('debian-12', 85, { indexes: [digest('e')] });
    const [first] = run([part, index]).versions;
    expect(first).toMatchObject({ verdict: 'keep', goesAt: days(5), reasons: [{ kind: 'index' }] });
    const kept = run([part, index], { retention: someRetention({ keepAliases: [tag('v1')] }) });
    expect(kept.versions[0]?.goesAt).toBeUndefined();
  });

  test('that a policy keeps by prefix alone says which', () => {
    const retention = someRetention({ allow: [entry('debian-1')] });
    expect(fate(held('debian-12', 900), { retention })[2]).toBe(
      'policy: kept by keep-allowed-images',
    );
  });
});

describe('the grace period', () => {
  const marked = (ago: number) =>
    held('debian-12', 1000, { tags: ['v1', graceMarker(days(-ago))] });

  test('keeps a version from its marker on, and lets it go after', () => {
    expect(fate(marked(10))).toEqual(['keep', '2026-12-21', 'grace: in grace until 2026-12-21']);
    expect(fate(marked(30))[0]).toBe('delete');
    expect(fate(marked(10), { at: days(21) })[0]).toBe('delete');
  });

  test('counts from the newest marker', () => {
    const twice = { ...marked(300), tags: [graceMarker(days(-300)), graceMarker(days(-1))] };
    expect(fate(twice)[1]).toBe('2026-12-30');
  });

  /** The live policies protect what has this digest, and this alias of a branch. */
  const live = (versionName: string, alias: string): readonly RegistryPolicy[] => [
    { id: 'keep-digests', action: 'KEEP', condition: { versionNamePrefixes: [versionName] } },
    {
      id: 'keep-aliases',
      action: 'KEEP',
      condition: { tagState: 'TAGGED', tagPrefixes: ['latest', alias] },
    },
  ];

  test.each([
    ['digest', live(digest('a'), 'other')],
    ['alias of a branch', live(digest('b'), 'release-1.9')],
  ])('counts from now for what the registry protects by %s and nobody needs', (_, policies) => {
    const old = held('debian-12', 1000, { tags: ['release-1.9'] });
    const [day, at] = ['2026-12-31', days(31)];
    expect(fate(old, { live: policies })).toEqual(['keep', day, `grace: in grace until ${day}`]);
    expect(fate(old, { live: policies, at })[0]).toBe('delete');
    expect(fate(old)[0]).toBe('delete');
  });

  test('is over for what is needed again, whatever markers it has', () => {
    const references = { branches: [MAIN], needs: [need(MAIN, 'debian-12', 'v1')] };
    const reason = 'branch: needed by main (tests/files/some.yml:3)';
    expect(fate(marked(10), { references })).toEqual(['keep', 'never', reason]);
  });

  test('is none for a version with an alias of the file alone', () => {
    const retention = someRetention({ keepAliases: [tag('latest')] });
    const old = held('debian-12', 1000, { digest: digest('c'), tags: ['latest'] });
    const changes = { live: live(digest('a'), 'other'), retention };
    expect(fate(old, changes)).toEqual(['keep', 'never', 'alias: alias latest']);
  });

  test('begins for what a branch has moved on from, since its alias moves', () => {
    const old = held('debian-12', 1000, { tags: ['main', 'v1'] });
    const next = held('debian-12', 1, { digest: digest('b'), tags: ['v2'] });
    const references = { branches: [MAIN], needs: [need(MAIN, 'debian-12', 'v2')] };
    const changes = { references, live: live(digest('c'), 'main') };
    const { versions } = run([old, next], changes);
    expect(versions[0]).toMatchObject({ verdict: 'keep', goesAt: days(30) });
    const later = run([old, next], { ...changes, at: days(31) });
    expect(later.versions.map(({ verdict }) => verdict)).toEqual(['delete', 'keep', 'keep']);
  });
});

test('an alias at what its branch has no use for goes, so that it keeps nothing', () => {
  const old = held('debian-12', 1000, { tags: ['main'] });
  const references = { branches: [MAIN], needs: [] };
  expect(fate(old, { references })[0]).toBe('delete');
  // Where the branch waits for what is not published yet, it stays.
  const waiting = { branches: [MAIN], needs: [need(MAIN, 'debian-12', 'v9')] };
  expect(fate(old, { references: waiting })[2]).toBe('alias: alias main');
});

test('a branch that names a tag in one place and the image alone in another needs both', () => {
  const tagged = held('debian-12', 1000, { tags: ['v1'] });
  const latest = held('debian-12', 900, { digest: digest('b'), tags: ['latest'] });
  const needs = ['v1', undefined, 'gone'].map((name) => need(MAIN, 'debian-12', name));
  const { versions, missing } = run([tagged, latest], { references: { branches: [MAIN], needs } });
  expect(versions.map(({ verdict }) => verdict)).toEqual(['keep', 'keep', 'keep']);
  expect(missing).toEqual(needs.slice(2));
});

test('what a branch needs and the registry lacks is missing', () => {
  const needs = [need(MAIN, 'debian-12', 'gone'), need(MAIN, 'fedora-43')];
  const { missing, endangered } = run([], { references: { branches: [MAIN], needs } });
  expect(missing).toEqual(needs);
  expect(endangered).toEqual([]);
});

test("a DELETE of somebody else's threatens what is to stay, until up replaces it", () => {
  const old = held('debian-12', 100, { tags: ['v1'] });
  const live: readonly RegistryPolicy[] = [
    { id: 'delete-old', action: 'DELETE', condition: { olderThan: '7776000s' } },
  ];
  const references = { branches: [MAIN], needs: [need(MAIN, 'debian-12', 'v1')] };
  expect(run([old], { live, references }).threats).toEqual([
    { version: old, policies: ['delete-old'], needed: true },
  ]);
  expect(run([old], { live }).threats).toEqual([]); // goes by our policies as well
  const own = run([old], { references }).policies;
  expect(run([old], { live: own, references }).threats).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { graceMarker } from '../../src/branches/branch-alias.ts';
import { neededTags } from '../../src/branches/needs.ts';
import type { Need } from '../../src/branches/references.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import { forecast, type ForecastInputs } from '../../src/retention/forecast.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { branch, need } from './any-references.ts';
import { digest, entry, held, inDays, NOW, someRetention, tag } from './retention-fixture.ts';

const NEWER = held('debian-12', 0, { digest: digest('f'), tags: ['newer'] });
const MAIN = branch('main');
const RELEASE = branch('release-2.31');

type Changes = Partial<ForecastInputs>;

function run(versions: readonly HeldVersion[], changes: Changes = {}) {
  return forecast({
    versions: [...versions, NEWER],
    live: [],
    retention: someRetention(),
    references: { branches: [], needs: [] },
    now: NOW,
    at: NOW,
    ...changes,
  });
}

/** What becomes of a version beside others and a newer one of its image: verdict, day it goes, reasons. */
function fate(
  version: HeldVersion,
  changes: Changes = {},
  others: readonly HeldVersion[] = [],
): string {
  const { verdict, goesAt, reasons = [] } = run([version, ...others], changes).versions[0] ?? {};
  const day = goesAt?.toISOString().slice(0, 10) ?? 'never';
  return [`${verdict} ${day}`, ...reasons.map(({ kind, text }) => `${kind}: ${text}`)].join(' | ');
}

const verdicts = (versions: readonly HeldVersion[], changes: Changes) =>
  run(versions, changes).versions.map(({ verdict }) => verdict);

const old = (...tags: string[]) => held('debian-12', 1000, { tags });
const LATEST = held('debian-12', 900, { digest: digest('b'), tags: ['latest'] });

const needing = (...needs: readonly Need[]): Changes => {
  return { references: { branches: [RELEASE, MAIN], needs } };
};
const NEEDED = needing(need(MAIN, 'debian-12', 'v1'));
const BY_DIGEST = needing({ ...need(MAIN, 'debian-12'), isBare: false, digest: digest('a') });
const keeping = (...aliases: readonly string[]): Changes => {
  return { retention: someRetention({ keepAliases: aliases.map(tag) }) };
};

const OTHER = branch('main', 'test-infra');
const places = [1, 2, 3].map((line) => ({ file: 'jobs.yml', line }));
const SEVERAL: Changes = {
  references: {
    branches: [MAIN, OTHER],
    needs: [{ ...need(OTHER, 'debian-12', 'v1'), places }],
  },
};
const EVERYTHING = someRetention({
  keepAliases: [tag('latest')],
  allow: [entry('debian-12:v1')],
  keepNewest: 2,
});

test.each<[string, HeldVersion, Changes, string]>([
  [
    'past its window goes, from the day on which it was too old',
    held('debian-12', 100, { tags: ['v1'] }),
    {},
    'delete 2026-11-21 | expired: older than 90d, and nothing keeps it', // 1 December - 100 d + 90 d
  ],
  [
    'without a tag goes earlier',
    held('debian-12', 100),
    {},
    'delete 2026-09-06 | expired: older than 14d without a tag, and nothing keeps it', // - 100 d + 14 d
  ],
  [
    'inside its window stays until the day that is named',
    held('debian-12', 80, { tags: ['v1'] }),
    { at: inDays(10) },
    'keep 2026-12-11 | window: younger than 90d (goes on 2026-12-11)',
  ],
  [
    'goes after that day',
    held('debian-12', 80, { tags: ['v1'] }),
    { at: inDays(11) },
    'delete 2026-12-11 | expired: older than 90d, and nothing keeps it',
  ],
  [
    'that a branch needs by its tag stays, whoever else names it',
    old('v1', 'latest'),
    { ...NEEDED, retention: EVERYTHING },
    'keep never | branch: needed by main (tests/files/some.yml:3) | alias: alias latest | newest: one of the newest 2 | allowed: allowed as debian-12:v1',
  ],
  [
    'is named with its source where there are several, and with the number of places',
    old('v1'),
    SEVERAL,
    'keep never | branch: needed by test-infra main (jobs.yml:1 and 2 more)',
  ],
  [
    'of latest is what a branch without a pin needs',
    LATEST,
    needing(need(MAIN, 'debian-12')),
    'keep never | branch: needed by main (tests/files/some.yml:3)',
  ],
  [
    'that a branch needs by digest stays, whatever else latest names',
    old(),
    BY_DIGEST,
    'keep never | branch: needed by main (tests/files/some.yml:3)',
  ],
  [
    'with the alias of another branch by prefix only is kept too, and says why',
    old('release-2.310'),
    needing(),
    'keep never | alias: release-2.310 begins like the alias release-2.31',
  ],
  [
    'that a policy keeps by prefix alone says which',
    old(),
    { retention: someRetention({ allow: [entry('debian-1')] }) },
    'keep never | policy: kept by keep-allowed-images',
  ],
])('a version %s', (_, version, changes, expected) => {
  expect(fate(version, changes)).toBe(expected);
});

test.each<[string, Changes, string]>([
  ['the newest', {}, 'the newest'],
  ['one of several', { retention: someRetention({ keepNewest: 5 }) }, 'one of the newest 5'],
  [
    'one of those that the registry counts for a publication each',
    { ofCatalog: { mostMembers: 2, mostOfOne: 0, most: 0, areLoose: false } },
    'one of the newest 3 manifests (keepNewest: 1)',
  ],
])('a version that policies keep as %s says so', (_, changes, text) => {
  const { versions } = run([], changes);
  expect(versions[0]?.reasons).toEqual([{ kind: 'newest', text }]);
});

test('a version that a branch names without a tag is the one of its pin, not of latest', () => {
  const changes = needing(need(RELEASE, 'debian-12'));
  expect(verdicts([old('release-2.31'), LATEST], changes)).toEqual(['keep', 'delete', 'keep']);
});

describe('a member of an index', () => {
  const INDEX = digest('e');
  const ofIndex = `index: member of the index ${INDEX}`;
  const index = (days: number, ...tags: string[]) =>
    held('debian-12', days, { digest: INDEX, tags });
  const member = (days: number, rest: Partial<HeldVersion> = {}) =>
    held('debian-12', days, { indexes: [INDEX], ...rest });
  const platformTag = `${'ab'.repeat(16)}-linux-arm64`;
  // Newer, so that neither is among the newest.
  const newer = ['1', '2'].map((name) =>
    held('debian-12', 1, { digest: digest(name), tags: [name] }),
  );
  const fateOf = (version: HeldVersion, owner: HeldVersion, changes: Changes = {}) =>
    fate(version, changes, [owner, ...newer]);

  test.each<[string, HeldVersion, HeldVersion, Changes, string]>([
    ['stays as long as it', member(85), index(85, 'v1'), {}, 'keep 2026-12-06'],
    ['stays with one that stays', member(900), index(900, 'v1'), NEEDED, 'keep never'],
    ['goes with it', member(100), index(100, 'v1'), {}, 'delete 2026-11-21'],
    [
      'goes with one that has lost its tag, whatever its platform tag',
      member(20, { tags: [platformTag] }),
      index(20),
      {},
      'delete 2026-11-25',
    ],
  ])('%s, with its reason', (_, version, owner, changes, expected) => {
    const until = expected.endsWith('never') ? '' : ', which goes first';
    expect(fateOf(version, owner, changes)).toBe(`${expected} | ${ofIndex}${until}`);
  });

  test('stays with any of several, and goes after the last', () => {
    const other = held('debian-12', 95, { digest: digest('d'), tags: ['v1'] });
    const shared = member(100, { indexes: [INDEX, other.digest] });
    const fateBeside = (changes: Changes) =>
      fate(shared, changes, [index(100, 'v0'), other, ...newer]).split(' | ')[0];
    expect(fateBeside(NEEDED)).toBe('keep never');
    expect(fateBeside({ at: inDays(0) })).toBe('delete 2026-11-26'); // of the younger index
  });

  test('is judged by its age when no index names it any more', () => {
    expect(fate(member(20, { indexes: [] }))).toMatch(/^delete .*14d without a tag/);
    expect(fate(member(20, { indexes: [], tags: [platformTag] }))).toMatch(/^keep 2027-02-09/);
  });

  test.each<[string, Partial<HeldVersion>, Changes, string]>([
    ['a branch needs', {}, BY_DIGEST, 'branch: needed by main (tests/files/some.yml:3)'],
    ['an alias names', { tags: ['latest'] }, keeping('latest'), 'alias: alias latest'],
    [
      'the file allows',
      {},
      { retention: someRetention({ allow: [entry(`debian-12@${digest('a')}`)] }) },
      `allowed: allowed as debian-12@${digest('a')}`,
    ],
  ])('that %s by itself stays without it', (_, rest, changes, expected) => {
    expect(fateOf(member(900, rest), index(900, 'v0'), changes)).toBe(`keep never | ${expected}`);
  });

  test('of an image that is allowed has no reason but its index', () => {
    const changes = { retention: someRetention({ allow: [entry('debian-12')] }) };
    expect(fateOf(member(900), index(900, 'v1'), changes)).toBe(`keep never | ${ofIndex}`);
  });

  test('takes no room for digests, and is kept by its index all the same', () => {
    const { policies, versions } = run([member(900), index(900, 'v1'), ...newer], NEEDED);
    expect(JSON.stringify(policies)).not.toContain(digest('a'));
    expect(versions.map(({ verdict }) => verdict)).not.toContain('delete');
  });
});

describe('what belongs to a version', () => {
  const image = digest('a');
  const signature = (rest: Partial<HeldVersion> = {}) =>
    held('debian-12', 999, {
      digest: digest('5'),
      tags: [`sha256-${image.slice(7)}.sig`],
      ...rest,
    });
  const attached: readonly (readonly [string, HeldVersion])[] = [
    ['a tag of cosign', signature()],
    ['the tag of its referrers', signature({ tags: [`sha256-${image.slice(7)}`] })],
    ['its subject', signature({ tags: [], subjects: [image] })],
  ];
  // Newer by as much as attachments are counted among the newest.
  const newer = ['1', '2'].map((name) =>
    held('debian-12', 1, { digest: digest(name), tags: [name] }),
  );
  const belongs = `attachment: belongs to ${image}, which is kept`;
  const fateOf = (version: HeldVersion, owner: HeldVersion, changes: Changes = {}) =>
    fate(version, changes, [owner, ...newer]);

  describe.each(attached)('by %s', (_, version) => {
    test.each<[string, string, Changes, string]>([
      ['that a branch needs', 'v1', NEEDED, `keep never | ${belongs}`],
      ['of an alias', 'latest', keeping('latest'), `keep never | ${belongs}`],
      ['of an alias, by prefix', 'latest-1', keeping('latest'), `keep never | ${belongs}`],
      [
        'that is allowed by its tag',
        'v1',
        { retention: someRetention({ allow: [entry('debian-12:v1')] }) },
        `keep never | ${belongs}`,
      ],
      [
        'that is allowed by its digest',
        'v1',
        { retention: someRetention({ allow: [entry(`debian-12@${image}`)] }) },
        `keep never | ${belongs}`,
      ],
      [
        'in its grace period',
        graceMarker(inDays(-10)),
        {},
        `keep 2026-12-22 | ${belongs} | grace: in grace until 2026-12-22`,
      ],
    ])('stays with one %s', (__, tagOfOwner, changes, expected) => {
      expect(fateOf(version, old(tagOfOwner), changes)).toBe(expected);
    });
  });

  test.each(attached)('goes with it by %s', (_, version) => {
    expect(fateOf(version, old('v1'))).toMatch(/^delete/);
    expect(fateOf(version, old(graceMarker(inDays(-10))), { at: inDays(21) })).toMatch(/^delete/);
  });

  test('stays through others: the signature of a signature, and of a member of an index', () => {
    const own = digest('6');
    const other = held('debian-12', 999, { digest: own, tags: [`sha256-${'5'.repeat(64)}.sig`] });
    const member = signature({ tags: [], indexes: [image] });
    for (const version of [...attached.map(([, each]) => each), member]) {
      const { versions } = run([other, version, old('v1')], NEEDED);
      expect(versions[0]?.reasons[0]?.text).toBe(`belongs to ${image}, which is kept`);
    }
  });

  test('stays as long as the window keeps a version with a tag, also without one', () => {
    const version = { ...signature({ tags: [], subjects: [image] }), uploadedAt: inDays(-80) };
    const owner = { ...old('v1'), uploadedAt: inDays(-81) };
    expect(fateOf(version, owner)).toMatch(/^keep 2026-12-11 \| window: younger than 90d/);
  });

  test('does not use up keepNewest', () => {
    const images = ['1', '2', '3'].map((name, at) =>
      held('debian-12', 1000 - at, { digest: digest(name), tags: [name] }),
    );
    const signatures = images.flatMap(({ digest: of }, at) =>
      ['sig', 'att', 'sbom'].map((kind, position) =>
        held('debian-12', 500, {
          digest: digest(`${at + 4}${position}`),
          tags: [`sha256-${of.slice(7)}.${kind}`],
        }),
      ),
    );
    const retention = someRetention({ keepNewest: 4 });
    const { versions } = run([...images, ...signatures], { retention });
    expect(versions.filter(({ verdict }) => verdict === 'delete')).toEqual([]);
  });
});

describe('the grace period', () => {
  const marked = (...ago: number[]) => old('v1', ...ago.map((days) => graceMarker(inDays(-days))));

  test('keeps a version from its newest marker on, and lets it go after', () => {
    expect(fate(marked(10))).toBe('keep 2026-12-22 | grace: in grace until 2026-12-22');
    expect(fate(marked(300, 1))).toBe('keep 2026-12-31 | grace: in grace until 2026-12-31');
    expect(fate(marked(30))).toMatch(/^delete/);
    expect(fate(marked(10), { at: inDays(22) })).toMatch(/^delete/);
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
    const version = old('release-1.9');
    const inGrace = 'keep 2027-01-01 | grace: in grace until 2027-01-01';
    expect(fate(version, { live: policies })).toBe(inGrace);
    expect(fate(version, { live: policies, at: inDays(32) })).toMatch(/^delete/);
    expect(fate(version)).toMatch(/^delete/);
  });

  test('that is over still has its KEEP until a second run finds so', () => {
    const changes = { live: live(digest('a'), 'other') };
    expect(fate(marked(60), changes)).toBe('keep 2026-12-02 | grace: in grace until 2026-12-02');
    expect(fate(marked(60), { ...changes, at: inDays(1) })).toMatch(/^delete/);
  });

  test('is over for what is needed again, whatever markers it has', () => {
    const reason = 'branch: needed by main (tests/files/some.yml:3)';
    expect(fate(marked(10), NEEDED)).toBe(`keep never | ${reason}`);
  });

  test('is none for a version with an alias of the file alone', () => {
    const changes = { live: live(digest('a'), 'other'), ...keeping('latest') };
    expect(fate(LATEST, changes)).toBe('keep never | alias: alias latest');
  });

  test('begins for what a branch has moved on from, since its alias moves', () => {
    const versions = [old('main', 'v0'), { ...LATEST, tags: ['v1'] }];
    const changes = { ...NEEDED, live: live(digest('c'), 'main') };
    expect(run(versions, changes).versions[0]).toMatchObject({
      verdict: 'keep',
      goesAt: inDays(31),
    });
    const later = { ...changes, at: inDays(32) };
    expect(verdicts(versions, later)).toEqual(['delete', 'keep', 'keep']);
  });
});

test('an alias at what its branch has no use for goes, so that it keeps nothing', () => {
  expect(fate(old('main'), needing())).toMatch(/^delete/);
  // Where the branch waits for what is not published yet, it stays.
  const waiting = needing(need(MAIN, 'debian-12', 'v9'));
  expect(fate(old('main'), waiting)).toBe('keep never | alias: alias main');
});

test('an alias that the end of a grace period has left at a version stays, and keeps it', () => {
  const over = graceMarker(inDays(-60));
  expect(fate(old('main', over), needing())).toBe('keep never | alias: alias main');
  const two = [need(MAIN, 'debian-12', 'v1'), need(MAIN, 'debian-12', 'v2')];
  const others = [{ ...LATEST, tags: ['v1', 'v2'] }];
  expect(fate(old('main', over), needing(...two), others)).toBe('keep never | alias: alias main');
  expect(fate(old('main', graceMarker(inDays(-10))), needing())).toMatch(/^keep 2026-12-22/);
});

test('a branch needs each tag that it names and the image alone, and the registry may lack some', () => {
  const needs = [
    need(MAIN, 'debian-12', 'v1'),
    need(MAIN, 'debian-12'),
    need(MAIN, 'debian-12', 'gone'),
    need(MAIN, 'fedora-43'),
  ];
  const { versions, ...found } = run([old('v1'), LATEST], needing(...needs));
  expect(versions.map(({ verdict }) => verdict)).toEqual(['keep', 'keep', 'keep']);
  expect(found).toMatchObject({ missing: [], unpublished: needs.slice(2), endangered: [] });
});

describe('a need that the registry does not meet', () => {
  const keeping = (id: string, kept: string): RegistryPolicy => {
    return { id, action: 'KEEP', condition: { versionNamePrefixes: [kept] } };
  };
  const allow = [entry(`debian-12@${digest('d')}`)];
  const two = [need(MAIN, 'debian-12', 'v9'), need(MAIN, 'debian-12', 'v8')];

  test.each<[string, HeldVersion, Changes, 'missing' | 'unpublished']>([
    ['was never met in an empty repository', LATEST, {}, 'unpublished'],
    ['waits for a version that its alias moves on to', old('v8', 'main'), {}, 'unpublished'],
    ['was met where its alias has outlived its tag', old('main', 'release-2.31'), {}, 'missing'],
    ['was met where its alias is beside a marker', old('main', graceMarker(NOW)), {}, 'missing'],
    ['was not met by another branch', old('release-2.31'), {}, 'unpublished'],
    [
      'was met where one of several aliases has outlived its tag',
      old(...Object.keys(neededTags({ needs: two })['debian-12'] ?? {}).slice(0, 1)),
      needing(...two),
      'missing',
    ],
    [
      'may have been met by a version that policies keep and nobody has',
      LATEST,
      { live: [keeping('keep-digests-2', digest('d'))] },
      'missing',
    ],
    [
      'was not met by a version that the registry has',
      LATEST,
      { live: [keeping('keep-digests', LATEST.digest)] },
      'unpublished',
    ],
    [
      'was not met by a version that an entry allows',
      LATEST,
      { live: [keeping('keep-digests', digest('d'))], retention: someRetention({ allow }) },
      'unpublished',
    ],
    [
      'says nothing of what others keep',
      LATEST,
      { live: [keeping('by-hand', digest('d'))] },
      'unpublished',
    ],
  ])('%s', (_, version, changes, expected) => {
    const needs = [need(MAIN, 'debian-12', 'v9'), need(RELEASE, 'debian-12', 'v8')];
    const found = run([version, held('debian-12', 5, { digest: digest('e'), tags: ['v8'] })], {
      ...needing(...needs),
      ...changes,
    });
    expect(found[expected].map(({ tag: name }) => name)).toContain('v9');
  });
});

test("a DELETE of somebody else's threatens what is to stay, until up replaces it", () => {
  const version = old('v1');
  const live: readonly RegistryPolicy[] = [
    { id: 'delete-old', action: 'DELETE', condition: { olderThan: '7776000s' } },
  ];
  expect(run([version], { ...NEEDED, live }).threats).toEqual([
    { version, policies: ['delete-old'], needed: true },
  ]);
  expect(run([version], { live }).threats).toEqual([]); // goes by our policies as well
  const own = run([version], NEEDED).policies;
  expect(run([version], { ...NEEDED, live: own }).threats).toEqual([]);
});

test('a warning comes before the policies have no room for digests', () => {
  const versions = Array.from({ length: 1400 }, (_, number) =>
    held('debian-12', 100, {
      digest: digest(number.toString(16).padStart(4, '0')),
      tags: [number === 0 ? 'v1' : graceMarker(NOW)],
    }),
  );
  const taken = '1400 of at most 2000 digests: 1 that branches need, 1399 in their grace period, 0';
  const changes = { ...NEEDED, retention: someRetention({ allow: ['x', 'x:v1'].map(entry) }) };
  expect(run(versions, changes).room).toContain(taken);
  expect(run(versions.slice(1), changes).room).toBeUndefined();
});

import { expect, test, describe } from 'vitest';
import { compilePolicies, TooManyPoliciesError } from '../../src/retention/compile-policies.ts';
import { NO_PROTECTION } from '../../src/retention/keep-lists.ts';
import { DAY, digest, entry, someRetention, tag, FILE, problemsOf } from './retention-fixture.ts';
import fc from 'fast-check';
import { parseRetention } from '../../src/retention/parse-retention.ts';

test('each kind of entry is one policy, with lists in order and KEEP before DELETE', () => {
  const [a, b] = [digest('a'), digest('b')];
  const retention = someRetention({
    keepNewest: 5,
    window: 90 * DAY,
    untaggedAfter: 14 * DAY,
    keepAliases: ['release-2.31', 'latest'].map(tag),
    allow: [
      'ubuntu-24.04',
      'debian-12',
      'fedora-43:v2',
      'debian-13:v1',
      'fedora-43:v1',
      `debian-12@${b}`,
      `debian-12@${a}`,
    ].map(entry),
  });
  expect(compilePolicies(retention, NO_PROTECTION)).toEqual([
    { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
    {
      id: 'keep-aliases',
      action: 'KEEP',
      condition: { tagState: 'TAGGED', tagPrefixes: ['latest', 'release-2.31'] },
    },
    {
      id: 'keep-allowed-images',
      action: 'KEEP',
      condition: { tagState: 'ANY', packageNamePrefixes: ['debian-12', 'ubuntu-24.04'] },
    },
    {
      id: 'keep-allowed-tags',
      action: 'KEEP',
      condition: {
        tagState: 'TAGGED',
        packageNamePrefixes: ['debian-13', 'fedora-43'],
        tagPrefixes: ['v1', 'v2'],
      },
    },
    {
      id: 'keep-digests',
      action: 'KEEP',
      condition: { tagState: 'ANY', versionNamePrefixes: [a, b] },
    },
    {
      id: 'delete-tagged',
      action: 'DELETE',
      condition: { tagState: 'TAGGED', olderThan: '7776000s' },
    },
    {
      id: 'delete-untagged',
      action: 'DELETE',
      condition: { tagState: 'UNTAGGED', olderThan: '1209600s' },
    },
  ]);
});

test('without entries there is no policy for them: an empty condition would keep everything', () => {
  expect(compilePolicies(someRetention(), NO_PROTECTION).map(({ id }) => id)).toEqual([
    'keep-newest',
    'delete-tagged',
    'delete-untagged',
  ]);
});

test('policy ids are unique, kebab-case and below 128 characters', () => {
  const allow = Array.from({ length: 300 }, (_, number) => entry(`image-${number}`));
  const ids = compilePolicies(someRetention({ allow }), NO_PROTECTION).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^(?=.{1,127}$)[a-z]+(-[a-z0-9]+)*$/);
});

test('a list that is cut keeps its first id, so that an added entry renames no policy', () => {
  const allow = Array.from({ length: 120 }, (_, number) => entry(`image-${number}`));
  const keeps = compilePolicies(someRetention({ allow }), NO_PROTECTION).flatMap((policy) =>
    'condition' in policy && 'packageNamePrefixes' in policy.condition
      ? [[policy.id, policy.condition.packageNamePrefixes?.length]]
      : [],
  );
  expect(keeps).toEqual([
    ['keep-allowed-images', 50],
    ['keep-allowed-images-2', 50],
    ['keep-allowed-images-3', 20],
  ]);
});

test('aliases of branches join those of the file, and their digests the allowed ones', () => {
  const [a, b] = [digest('a'), digest('b')];
  const retention = someRetention({
    keepAliases: ['latest', 'main'].map(tag),
    allow: [entry(`debian-12@${b}`)],
  });
  const protection = {
    aliases: ['release-2.31', 'main'].map(tag),
    digests: [b, a, a],
  };
  const keeps = compilePolicies(retention, protection).filter(({ id }) =>
    /aliases|digests/.test(id),
  );
  expect(keeps).toEqual([
    {
      id: 'keep-aliases',
      action: 'KEEP',
      condition: { tagState: 'TAGGED', tagPrefixes: ['latest', 'main', 'release-2.31'] },
    },
    {
      id: 'keep-digests',
      action: 'KEEP',
      condition: { tagState: 'ANY', versionNamePrefixes: [a, b] },
    },
  ]);
});

function many(count: number, format: (number: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, number) => format(number));
}

const image = (number: number) => `image-${number}`;
const imageTag = (number: number) => `image-${number % 7}:tag-${number}`;
const imageDigest = (number: number) => `image@${digest(number.toString(16).padStart(8, '0'))}`;

function textOf(keepAliases: readonly string[], allow: readonly string[]): string {
  const times = { window: '90d', untaggedAfter: '14d', gracePeriod: '30d' };
  const others = { dryRun: true, keepNewest: 5, ...times, sources: [] };
  return JSON.stringify({ ...others, keepAliases, allow });
}

/** How many policies a text compiles to, or the codes of what is wrong with it. */
function outcomeOf(text: string): number | readonly string[] {
  const problems = problemsOf(text);
  if (problems.length > 0) return problems.map(({ code, path }) => `${code} ${path}`);
  return compilePolicies(parseRetention(FILE, text), NO_PROTECTION).length;
}

describe('trap: an Artifact Registry repository takes ten clean-up policies', () => {
  test.each([
    // keep-newest, delete-tagged, delete-untagged = 3, and one for each kind of entry
    [0, 0, 3],
    [1, 1, 5],
    // 50 entries in a policy: 51 need a second one
    [50, 50, 5],
    [51, 50, 6],
    [50, 51, 6],
    // 3 + 1 + 300 / 50 = 10
    [50, 300, 10],
    [50, 301, ['TOO_MANY_POLICIES allow']],
    [351, 50, ['TOO_MANY_POLICIES keepAliases']],
  ])('%d aliases and %d images are %j', (aliases, images, expected) => {
    expect(outcomeOf(textOf(many(aliases, image), many(images, image)))).toEqual(expected);
  });

  test('all kinds of entries together are seven', () => {
    const allow = [image(1), imageTag(1), imageDigest(1)];
    expect(outcomeOf(textOf(['latest'], allow))).toBe(7); // 3 + 1 + 3
  });

  test('the problem counts what is needed and by whom, and stands at the list', () => {
    const text = `dryRun: true\nwindow: 90d\nkeepNewest: 5\nuntaggedAfter: 14d\ngracePeriod: 30d\nsources: []\nallow: [${many(400, image).join()}]`;
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ code: 'TOO_MANY_POLICIES', path: 'allow', line: 7, column: 8 });
    expect(problem?.problem).toContain('11 clean-up policies'); // 3 + 400 / 50
    expect(problem?.problem).toContain('8 for the 400 entries of allow');
    expect(problem?.remedy).toContain('50');
  });

  test('it is reported beside other problems', () => {
    const text = textOf([], [...many(400, image), 'no entry']);
    expect(outcomeOf(text)).toEqual(['INVALID_ENTRY allow[400]', 'TOO_MANY_POLICIES allow']);
  });

  test('compiling throws for lists that no file could have had', () => {
    const allow = many(400, image).map(entry);
    expect(() => compilePolicies(someRetention({ allow }), NO_PROTECTION)).toThrow(
      /11 clean-up policies/,
    );
  });

  describe('with branches', () => {
    const digests = (count: number) =>
      many(count, (number) => `f${number.toString(16).padStart(7, '0')}`).map(digest);
    const aliases = many(10, (number) => `release-2.${number}`).map(tag);
    const fullList = [...many(50, image), ...many(50, imageTag), ...many(50, imageDigest)];
    const retention = someRetention({
      keepAliases: many(40, image).map(tag),
      allow: fullList.map(entry),
    });

    test('100 images of 10 branches fit beside a full allowlist and all that is in grace', () => {
      // 3 + 1 of 40 + 10 aliases + 1 of images + 1 of tags + 1050 / 500 = 9
      const needed = compilePolicies(retention, { aliases, digests: digests(1000) });
      expect(needed).toHaveLength(9);
      // 3 + 1 + 1 + 1 + (50 + 1950) / 500 = 10
      const most = compilePolicies(retention, { aliases, digests: digests(1950) });
      expect(most).toHaveLength(10);
    });

    test('what goes beyond is rejected, and says what to shorten', () => {
      const compile = () => compilePolicies(retention, { aliases, digests: digests(1951) });
      expect(compile).toThrow(TooManyPoliciesError);
      expect(compile).toThrow(/11 .*10 branches and 1951 .*fewer branches or shorten gracePeriod/);
    });
  });

  test('any file compiles to ten at most, or says why not', () => {
    const upTo = fc.nat(200);
    fc.assert(
      fc.property(upTo, upTo, upTo, upTo, (aliases, images, tags, digests) => {
        const allow = [
          ...many(images, image),
          ...many(tags, imageTag),
          ...many(digests, imageDigest),
        ];
        const outcome = outcomeOf(textOf(many(aliases, image), allow));
        const pieces = [aliases, images, tags].map((count) => Math.ceil(count / 50));
        const needed = pieces.reduce((sum, count) => sum + count, 3 + Math.ceil(digests / 500));
        if (needed <= 10) expect(outcome).toBe(needed);
        else expect(outcome).toEqual([expect.stringMatching(/^TOO_MANY_POLICIES /)]);
      }),
      { numRuns: 40 },
    );
  });
});

import { expect, test, describe } from 'vitest';
import { compilePolicies, TooManyPoliciesError } from '../../src/retention/compile-policies.ts';
import { digestWarning, NO_BRANCHES } from '../../src/retention/keep-lists.ts';
import { DAY, digest, entry, someRetention, tag, FILE, problemsOf } from './retention-fixture.ts';
import fc from 'fast-check';
import { parseRetention } from '../../src/retention/parse-retention.ts';

const keep = (id: string, condition: object) => ({ id, action: 'KEEP', condition });
const [A, B] = [digest('a'), digest('b')];

test('each kind of entry is one policy, with lists in order and KEEP before DELETE', () => {
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
      `debian-12@${B}`,
      `debian-12@${A}`,
    ].map(entry),
  });
  const tags = { packageNamePrefixes: ['debian-13', 'fedora-43'], tagPrefixes: ['v1', 'v2'] };
  const remove = (tagState: string, olderThan: string) => {
    return {
      id: `delete-${tagState.toLowerCase()}`,
      action: 'DELETE',
      condition: { tagState, olderThan },
    };
  };
  expect(compilePolicies(retention, NO_BRANCHES)).toEqual([
    { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
    keep('keep-aliases', { tagState: 'TAGGED', tagPrefixes: ['latest', 'release-2.31'] }),
    keep('keep-allowed-images', {
      tagState: 'ANY',
      packageNamePrefixes: ['debian-12', 'ubuntu-24.04'],
    }),
    keep('keep-allowed-tags', { tagState: 'TAGGED', ...tags }),
    keep('keep-digests', { tagState: 'ANY', versionNamePrefixes: [A, B] }),
    remove('TAGGED', '7776000s'),
    remove('UNTAGGED', '1209600s'),
  ]);
});

test('without entries there is no policy for them: an empty condition would keep everything', () => {
  expect(compilePolicies(someRetention(), NO_BRANCHES).map(({ id }) => id)).toEqual([
    'keep-newest',
    'delete-tagged',
    'delete-untagged',
  ]);
});

test('a list that is cut keeps its first id, so that an added entry renames no policy', () => {
  const allow = many(120, image).map(entry);
  const policies = compilePolicies(someRetention({ allow }), NO_BRANCHES);
  const entries = policies.flatMap((policy) =>
    'condition' in policy && 'packageNamePrefixes' in policy.condition
      ? [[policy.id, policy.condition.packageNamePrefixes?.length]]
      : [],
  );
  expect(entries).toEqual([
    ['keep-allowed-images', 50],
    ['keep-allowed-images-2', 50],
    ['keep-allowed-images-3', 20],
  ]);
  // Google takes unique ids in kebab-case of less than 128 characters.
  for (const { id } of policies) expect(id).toMatch(/^(?=.{1,127}$)[a-z]+(-[a-z0-9]+)*$/);
});

test('aliases of branches join those of the file, and their digests the allowed ones', () => {
  const retention = someRetention({
    keepAliases: ['latest', 'main'].map(tag),
    allow: [entry(`debian-12@${B}`)],
  });
  const kept = { aliases: ['release-2.31', 'main'].map(tag), digests: [B, A, A] };
  expect(compilePolicies(retention, kept).slice(1, 3)).toEqual([
    keep('keep-aliases', { tagState: 'TAGGED', tagPrefixes: ['latest', 'main', 'release-2.31'] }),
    keep('keep-digests', { tagState: 'ANY', versionNamePrefixes: [A, B] }),
  ]);
});

function many(count: number, format: (number: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, number) => format(number));
}

const image = (number: number) => `image-${number}`;
const imageTag = (number: number) => `image-${number % 7}:tag-${number}`;
const imageDigest = (number: number) => `image@${digest(number.toString(16).padStart(8, '0'))}`;

/** How many policies a file compiles to, or the codes and paths of its problems. */
function outcomeOf(keepAliases: readonly string[], allow: readonly string[]) {
  const times = { window: '90d', untaggedAfter: '14d', gracePeriod: '30d' };
  const others = { dryRun: true, keepNewest: 5, ...times, sources: [] };
  const text = JSON.stringify({ ...others, keepAliases, allow });
  const problems = problemsOf(text);
  if (problems.length > 0) return problems.map(({ code, path }) => `${code} ${path}`);
  return compilePolicies(parseRetention(FILE, text), NO_BRANCHES).length;
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
    expect(outcomeOf(many(aliases, image), many(images, image))).toEqual(expected);
  });

  test('all kinds of entries together are seven', () => {
    const allow = [image(1), imageTag(1), imageDigest(1)];
    expect(outcomeOf(['latest'], allow)).toBe(7); // 3 + 1 + 3
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
    const outcome = outcomeOf([], [...many(400, image), 'no entry']);
    expect(outcome).toEqual(['INVALID_ENTRY allow[400]', 'TOO_MANY_POLICIES allow']);
  });

  describe('with branches', () => {
    const digests = (count: number) =>
      many(count, (number) => `f${number.toString(16).padStart(7, '0')}`).map(digest);
    const aliases = many(10, (number) => `release-2.${number}`).map(tag);
    const allow = [...many(50, image), ...many(50, imageTag), ...many(50, imageDigest)].map(entry);
    const retention = someRetention({ keepAliases: many(40, image).map(tag), allow });

    test.each([
      [1000, 9], // 3 + 1 of 40 + 10 aliases + 1 of images + 1 of tags + 1050 / 500: 100 images of 10 branches
      [1950, 10], // 3 + 1 + 1 + 1 + (50 + 1950) / 500
    ])('%d digests beside a full allowlist take %d policies', (count, policies) => {
      const kept = { aliases, digests: digests(count) };
      expect(compilePolicies(retention, kept)).toHaveLength(policies);
    });

    test.each([
      [1349, undefined],
      [
        1350,
        'clean-up policies keep 1400 of at most 2000 digests: 44 that branches need, 6 in their grace period, 1300 attachments, 50 of allow; shorten gracePeriod, support fewer branches or refresh less often before there is no room, when runs stop',
      ],
    ])(
      '%d digests for branches are a warning when seven tenths of the room are taken',
      (count, warning) => {
        const kept = { aliases, digests: digests(count) };
        const uses = { needed: kept.digests.slice(0, 44), inGrace: kept.digests.slice(44, 50) };
        expect(digestWarning(retention, kept, uses)).toBe(warning);
      },
    );

    test('other policies take room from digests', () => {
      const kept = { aliases, digests: digests(700) };
      const keepAliases = many(190, image).map(tag);
      const nobody = { needed: [], inGrace: [] };
      expect(digestWarning({ keepAliases, allow: [] }, kept, nobody)).toBeUndefined();
      expect(digestWarning({ keepAliases, allow }, kept, nobody)).toContain('750 of at most 500');
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
        const outcome = outcomeOf(many(aliases, image), allow);
        const pieces = [aliases, images, tags].map((count) => Math.ceil(count / 50));
        const needed = pieces.reduce((sum, count) => sum + count, 3 + Math.ceil(digests / 500));
        if (needed <= 10) expect(outcome).toBe(needed);
        else expect(outcome).toEqual([expect.stringMatching(/^TOO_MANY_POLICIES /)]);
      }),
      { numRuns: 40 },
    );
  });
});

import { expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { DAY, digest, entry, someRetention, tag } from './retention-fixture.ts';

test('each kind of entry is one policy, with lists in order and KEEP before DELETE', () => {
  const [a, b] = ['a', 'b'].map(digest);
  const retention = someRetention({
    keepNewest: 5,
    window: 90 * DAY,
    untaggedAfter: 14 * DAY,
    keepAliases: ['release-2.31', 'latest'].map(tag),
    allow: [
      ...['ubuntu-24.04', 'debian-12', 'fedora-43:v2', 'debian-13:v1', 'fedora-43:v1'],
      ...[`debian-12@${b ?? ''}`, `debian-12@${a ?? ''}`],
    ].map(entry),
  });
  expect(compilePolicies(retention)).toEqual([
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
      id: 'keep-allowed-digests',
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
  expect(compilePolicies(someRetention()).map(({ id }) => id)).toEqual([
    'keep-newest',
    'delete-tagged',
    'delete-untagged',
  ]);
});

test('images below a path of the repository are kept by it, with its slash written either way', () => {
  const allow = ['debian-12', 'debian-13:v1'].map(entry);
  const prefixes = compilePolicies(someRetention({ allow }), 'ci').flatMap((policy) =>
    'condition' in policy && 'packageNamePrefixes' in policy.condition
      ? [policy.condition.packageNamePrefixes]
      : [],
  );
  expect(prefixes).toEqual([
    ['ci%2Fdebian-12', 'ci/debian-12'],
    ['ci%2Fdebian-13', 'ci/debian-13'],
  ]);
});

test('a list that is cut keeps its first id, so that an added entry renames no policy', () => {
  const allow = Array.from({ length: 120 }, (_, number) => entry(`image-${number}`));
  const keeps = compilePolicies(someRetention({ allow })).flatMap((policy) =>
    'condition' in policy && 'packageNamePrefixes' in policy.condition
      ? [[policy.id, policy.condition.packageNamePrefixes.length]]
      : [],
  );
  expect(keeps).toEqual([
    ['keep-allowed-images', 50],
    ['keep-allowed-images-2', 50],
    ['keep-allowed-images-3', 20],
  ]);
});

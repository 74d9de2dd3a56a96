import { expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { NO_PROTECTION } from '../../src/retention/keep-lists.ts';
import { DAY, digest, entry, someRetention, tag } from './retention-fixture.ts';

test('each kind of entry is one policy, with lists in order and KEEP before DELETE', () => {
  const [a, b] = [digest('a'), digest('b')];
  const retention = someRetention({
    keepNewest: 5,
    window: 90 * DAY,
    untaggedAfter: 14 * DAY,
    keepAliases: ['release-2.31', 'latest'].map(tag),
    allow: [
      ...['ubuntu-24.04', 'debian-12', 'fedora-43:v2', 'debian-13:v1', 'fedora-43:v1'],
      ...[`debian-12@${b}`, `debian-12@${a}`],
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

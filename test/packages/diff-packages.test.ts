import { expect, test } from 'vitest';
import { agreeingPlatforms, diffPackages, shownName } from '../../src/packages/diff-packages.ts';
import { diffPlatforms, packagesOf } from './packages-of.ts';

const BEFORE = packagesOf('deb', [
  'bash 5.2.15-2+b7 amd64',
  'ebtables 2.0.11-5 amd64',
  'libc6 2.36-9+deb12u10 amd64',
  'libc6 2.36-9+deb12u10 i386',
  'openssl 3.0.17-1~deb12u2 amd64',
  'tzdata 2025b-0+deb12u2 all',
]);

const AFTER = packagesOf('deb', [
  'bash 5.2.15-2+b7 amd64',
  'conntrack 1:1.4.7-1+b2 amd64',
  'libc6 2.36-9+deb12u13 amd64',
  'libc6 2.36-9+deb12u13 i386',
  'openssl 3.0.18-1~deb12u1 amd64',
  'tzdata 2025b-0+deb12u1 all',
]);

test('packages are added, removed, and go up and down', () => {
  const found = diffPackages(BEFORE, AFTER);
  const { changes } = { changes: [], ...found };
  expect(
    changes.map((change) => [change.kind, shownName(change), change.before, change.after]),
  ).toEqual([
    ['added', 'conntrack', undefined, '1:1.4.7-1+b2'],
    ['removed', 'ebtables', '2.0.11-5', undefined],
    ['up', 'libc6:amd64', '2.36-9+deb12u10', '2.36-9+deb12u13'],
    ['up', 'libc6:i386', '2.36-9+deb12u10', '2.36-9+deb12u13'],
    ['up', 'openssl', '3.0.17-1~deb12u2', '3.0.18-1~deb12u1'],
    ['down', 'tzdata', '2025b-0+deb12u2', '2025b-0+deb12u1'],
  ]);
});

test('a package that one image has for several architectures is named with its own', () => {
  const lines = ['libc6 2 amd64', 'zlib1g 1 amd64'];
  const [one, two] = [packagesOf('deb', lines), packagesOf('deb', [...lines, 'libc6 1 i386'])];
  const names = [diffPackages(one, two), diffPackages(two, one)].flatMap((found) =>
    found.kind === 'known' ? found.changes.map(shownName) : [],
  );
  expect(names).toEqual(['libc6:i386', 'libc6:i386']);
});

test('equal lists have no change', () => {
  expect(diffPackages(BEFORE, BEFORE)).toEqual({ kind: 'known', changes: [] });
});

test('versions that neither dpkg nor rpm call newer have changed', () => {
  const [old, now] = [packagesOf('deb', ['a 1.0 all']), packagesOf('deb', ['a 1.0-0 all'])];
  expect(diffPackages(old, now)).toMatchObject({ changes: [{ kind: 'changed' }] });
  const other = packagesOf('rpm', ['a 2.0-1 noarch', 'b 1-1 all']);
  expect(diffPackages(packagesOf('deb', ['b 2-1 all']), other)).toMatchObject({
    changes: [
      { kind: 'added', name: 'a' },
      { kind: 'changed', name: 'b' },
    ],
  });
});

test('of several versions of a package, the newest of those that changed are compared', () => {
  const old = packagesOf('rpm', ['kernel-core 5.14-9 x86_64', 'kernel-core 5.14-10 x86_64']);
  const now = packagesOf('rpm', ['kernel-core 5.14-10 x86_64', 'kernel-core 5.14-11 x86_64']);
  expect(diffPackages(old, now)).toMatchObject({
    changes: [{ kind: 'up', before: '5.14-9', after: '5.14-11' }],
  });
  const alone = packagesOf('rpm', ['kernel-core 5.14-10 x86_64']);
  expect(diffPackages(old, alone)).toMatchObject({
    changes: [{ kind: 'removed', before: '5.14-9' }],
  });
});

test('a list that is unknown gives no empty difference, but says why', () => {
  const unknown = { kind: 'unknown', reason: 'nobody listed it' } as const;
  expect(diffPackages(unknown, AFTER)).toEqual({
    kind: 'unknown',
    reason: 'before: nobody listed it',
  });
  expect(diffPackages(unknown, { kind: 'unknown', reason: 'no Docker' })).toEqual({
    kind: 'unknown',
    reason: 'before: nobody listed it; after: no Docker',
  });
});

test('platforms agree whose packages changed alike, whatever their architecture is called', () => {
  const lists = (architecture: string, version: string) =>
    packagesOf('deb', [`a ${version} ${architecture}`, 'z 1 all']);
  const differences = diffPlatforms(
    {
      'linux/amd64': lists('amd64', '1'),
      'linux/arm64': lists('arm64', '1'),
      'linux/s390x': lists('s390x', '1'),
    },
    {
      'linux/amd64': lists('amd64', '2'),
      'linux/arm64': lists('arm64', '2'),
      'linux/s390x': lists('s390x', '3'),
    },
  );
  expect(agreeingPlatforms(differences)).toMatchObject([
    { platforms: ['linux/amd64', 'linux/arm64'], differences: { changes: [{ after: '2' }] } },
    { platforms: ['linux/s390x'], differences: { changes: [{ after: '3' }] } },
  ]);
});

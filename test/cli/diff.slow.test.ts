import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printedBy } from './printed-by.ts';
import { startPublished } from './published-images.ts';

const BASE = 'org.opencontainers.image.base';

function labels(revision: string, digit: string) {
  return {
    [`${BASE}.name`]: 'docker.io/library/debian:12-slim',
    [`${BASE}.digest`]: `sha256:${digit.repeat(64)}`,
    'org.opencontainers.image.revision': revision,
  };
}

const OLD_PACKAGES = [
  'bash 5.2.15-2 amd64',
  'ebtables 2.0.11-5 amd64',
  'openssl 3.0.17-1~deb12u2 amd64',
  'tzdata 2025b-1 all',
];
const NEW_PACKAGES = [
  'bash 5.2.15-2 amd64',
  'conntrack 1:1.4.7-1 amd64',
  'openssl 3.0.18-1~deb12u1 amd64',
  'tzdata 2025a-1 all',
];

/** Two versions for a platform, which differ in everything. */
async function twoVersions() {
  const started = await startPublished();
  const old = await started.publish({
    tags: ['a'.repeat(32), 'release-1.0'],
    platforms: {
      'linux/amd64': { packages: OLD_PACKAGES, labels: labels('abc', '1'), size: 50_000_000 },
    },
  });
  const now = await started.publish({
    tags: ['b'.repeat(32), 'latest', 'main'],
    platforms: {
      'linux/amd64': { packages: NEW_PACKAGES, labels: labels('def', '2'), size: 51_200_000 },
    },
  });
  return { ...started, old, now };
}

test('a table has exactly what differs between the newest two versions', async () => {
  const { root, old, now } = await twoVersions();
  const { status, stdout, stderr } = await printedBy(root, 'diff', 'debian-12');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/).join('|'));
  const base = (digit: string) => `docker.io/library/debian:12-slim@sha256:${digit.repeat(12)}`;
  expect(lines).toEqual([
    `debian-12: ${old.slice(0, 19)} (release-1.0, published 2026-03-01) → ${now.slice(0, 19)} (latest, main, published 2026-03-02)`,
    '',
    'CHANGE|NAME|BEFORE|AFTER',
    'size|linux/amd64|50.0 MB|51.2 MB',
    `base|-|${base('1')}|${base('2')}`,
    'label|org.opencontainers.image.revision|abc|def',
    'added|conntrack|-|1:1.4.7-1',
    'removed|ebtables|2.0.11-5|-',
    'up|openssl|3.0.17-1~deb12u2|3.0.18-1~deb12u1',
    'down|tzdata|2025b-1|2025a-1',
    '',
  ]);
});

test('--json has all of it, with whole digests', async () => {
  const { root, old, now } = await twoVersions();
  const { status, stdout } = await printedBy(root, 'diff', 'debian-12', 'release-1.0', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    image: 'debian-12',
    before: { digest: old, tags: ['a'.repeat(32), 'release-1.0'] },
    after: { digest: now, uploadedAt: '2026-03-02T12:00:00.000Z' },
    platforms: {
      'linux/amd64': {
        base: { after: `docker.io/library/debian:12-slim@sha256:${'2'.repeat(64)}` },
        sizeBytes: { before: expect.any(Number) as unknown },
        labels: [{ name: 'org.opencontainers.image.revision', before: 'abc', after: 'def' }],
        packages: {
          kind: 'known',
          changes: [
            { kind: 'added', name: 'conntrack', architecture: 'amd64', after: '1:1.4.7-1' },
            { kind: 'removed', name: 'ebtables', before: '2.0.11-5' },
            { kind: 'up', name: 'openssl' },
            { kind: 'down', name: 'tzdata', architecture: 'all' },
          ],
        },
      },
    },
  });
});

test('--markdown has the packages in a fold', async () => {
  const { root } = await twoVersions();
  const { stdout } = await printedBy(root, 'diff', 'debian-12', '--markdown');
  expect(stdout).toMatch(/^\*\*debian\\-12\*\*: sha256:a?.*→ sha256:/);
  expect(stdout).toContain('| size linux/amd64 | `50.0 MB` | `51.2 MB` |');
  expect(stdout).toContain('<summary>debian-12: 4 packages, openssl 3.0.17 → 3.0.18</summary>');
  expect(stdout).toContain('| `ebtables` | removed | `2.0.11-5` |  |');
  const both = await printedBy(root, 'diff', 'debian-12', '--markdown', '--json');
  expect(both).toMatchObject({ status: 2, stdout: '' });
});

test('OLD and NEW are found by what people have, and may be turned around', async () => {
  const { root, old, now } = await twoVersions();
  const shown = async (...versions: string[]) => {
    const { stdout } = await printedBy(root, 'diff', 'debian-12', ...versions, '--json');
    const { before, after } = JSON.parse(stdout) as Record<'before' | 'after', { digest: string }>;
    return [before.digest, after.digest];
  };
  expect(await shown()).toEqual([old, now]);
  expect(await shown('2026-03-01')).toEqual([old, now]);
  expect(await shown('2026-03-01', '2026-03-02')).toEqual([old, now]);
  expect(await shown(now.slice(0, 20), 'release-1.0')).toEqual([now, old]);
  expect(await shown('aaaaaaaaaaaa', 'main')).toEqual([old, now]);
});

test('one version twice is said to be one, and does not read as two without a difference', async () => {
  const { root, now } = await twoVersions();
  const { status, stdout } = await printedBy(root, 'diff', 'debian-12', 'latest', 'main');
  expect(status).toBe(0);
  expect(stdout).toBe(
    `debian-12: both are the same version, ${now.slice(0, 19)} (latest, main, published 2026-03-02)\n`,
  );
});

test('after a revert, the newest version is what was there before latest', async () => {
  const { root, publish } = await startPublished();
  const platforms = (version: string) => ({ 'linux/amd64': { packages: [`a ${version} all`] } });
  await publish({ tags: ['a'.repeat(32), 'latest'], platforms: platforms('1') });
  await publish({ tags: ['b'.repeat(32)], platforms: platforms('2') });
  const { stdout } = await printedBy(root, 'diff', 'debian-12');
  expect(stdout).toMatch(/^down +a +2 +1$/m);
});

test('the base of an image without the labels is what its provenance names', async () => {
  const { root, publish } = await startPublished();
  const disk = (day: string, digit: string) => ({
    name: 'disk',
    uri: `https://images.example/${day}/debian-12.qcow2`,
    digest: { sha512: digit.repeat(128) },
  });
  for (const [day, digit] of [
    ['20260301', 'c'],
    ['20260302', 'd'],
  ] as const) {
    const packages = ['linux-image-6.1.0-9-amd64 6.1.9-1 amd64'];
    const platforms = { 'linux/amd64': { packages, dependency: disk(day, digit) } };
    await publish({ tags: [digit.repeat(32), 'latest'], platforms });
  }
  const { stdout } = await printedBy(root, 'diff', 'debian-12');
  expect(stdout.trim().split('\n').at(-1)?.split(/ {2,}/)).toEqual([
    'base',
    '-',
    'https://images.example/20260301/debian-12.qcow2@sha512:cccccccccccc',
    'https://images.example/20260302/debian-12.qcow2@sha512:dddddddddddd',
  ]);
});

test('a list that is unknown is named, and ends with code 1, beside what is known', async () => {
  const { root, publish } = await startPublished();
  await publish({
    tags: ['a'.repeat(32)],
    platforms: { 'linux/amd64': { packages: 'nobody\u001b[2J listed it', size: 1_000_000 } },
  });
  await publish({
    tags: ['b'.repeat(32), 'latest'],
    platforms: { 'linux/amd64': { packages: ['a 1 all'], size: 2_000_000 } },
  });
  const { status, stdout, stderr } = await printedBy(root, 'diff', 'debian-12');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^size +linux\/amd64 +1\.0 MB +2\.0 MB$/m);
  expect(stdout).toMatch(
    /^Package differences are unknown: "before: nobody\\u001b\[2J listed it"$/m,
  );
  expect(stdout).not.toContain('Nothing differs');
  expect(stderr).toMatch(
    /^warning: the package differences are unknown for linux\/amd64: "before: ./,
  );
});

test('platforms that agree share a table', async () => {
  const { root, publish } = await startPublished();
  const platforms = (amd64: string, arm64: string, other: string) => ({
    'linux/amd64': { packages: [`a ${amd64} amd64`], size: 1_000_000 },
    'linux/arm64': { packages: [`a ${arm64} arm64`], size: 1_000_000 },
    'linux/s390x': { packages: [`a ${other} s390x`], size: 1_000_000 },
  });
  await publish({ tags: ['a'.repeat(32)], platforms: platforms('1', '1', '1') });
  await publish({ tags: ['b'.repeat(32), 'latest'], platforms: platforms('2', '2', '1') });
  const { stdout } = await printedBy(root, 'diff', 'debian-12');
  expect(
    stdout
      .split('\n\n')
      .slice(1)
      .map((block) => block.trim().split(/\n| {2,}/)),
  ).toEqual([
    ['linux/amd64, linux/arm64', 'CHANGE', 'NAME', 'BEFORE', 'AFTER', 'up', 'a', '1', '2'],
    ['linux/s390x', 'Nothing differs.'],
  ]);
});

test('an only version, an unknown one and an unknown image are problems', async () => {
  const { root, publish } = await startPublished();
  const none = await printedBy(root, 'diff', 'debian-12');
  expect(none.status).toBe(1);
  expect(none.stderr).toMatch(/UNKNOWN_IMAGE\n.*no image "debian-12"; run pulumi up/);
  await publish({ tags: ['a'.repeat(32), 'latest'], platforms: { 'linux/amd64': {} } });
  const only = await printedBy(root, 'diff', 'debian-12');
  expect(only).toMatchObject({ status: 1, stdout: '' });
  expect(only.stderr).toMatch(/UNKNOWN_VERSION\n.*is the only version of debian-12/);
  const wrong = await printedBy(root, 'diff', 'debian-12', 'lates');
  expect(wrong.stderr).toMatch(/UNKNOWN_VERSION\n.*"lates"; did you mean latest\?/);
  const other = await printedBy(root, 'diff', 'debian-21');
  expect(other.stderr).toMatch(/UNKNOWN_IMAGE\n.*"debian-21"; did you mean debian-12\?/);
});

test('in a plain registry, which lists tags alone, a version is published when it was created', async () => {
  const { api, root, publish } = await startPublished();
  const destination = `${api.registry.address}/ci-images/images`;
  const config = { 'kubernetes-ci-images:destination': destination };
  writeFileSync(join(root, 'Pulumi.prod.yaml'), JSON.stringify({ config }));
  const platforms = (version: string) => ({ 'linux/amd64': { packages: [`a ${version} all`] } });
  for (const [at, digit] of ['a', 'b', 'c'].entries()) {
    const created = `2026-04-0${at + 1}T12:00:00Z`;
    const tags = [digit.repeat(32), 'latest'];
    await publish({ tags, created, platforms: platforms(String(at + 1)) });
  }
  const { status, stdout } = await printedBy(root, 'diff', 'debian-12');
  expect(status).toBe(0);
  expect(stdout).toMatch(/published 2026-04-02\) → .*\(latest, published 2026-04-03\)$/m);
  expect(stdout).toMatch(/^up +a +2 +3$/m);
  const older = await printedBy(root, 'diff', 'debian-12', '2026-04-01', 'bbbb');
  expect(older.stdout).toMatch(/^up +a +1 +2$/m);
  const which = await printedBy(root, 'which', 'a');
  expect(which.stdout).toMatch(/^debian-12 +latest, main, release-1\.0 +a +3 +linux\/amd64$/m);
  const other = await printedBy(root, 'packages', 'debian-21');
  expect(other.stderr).toMatch(/UNKNOWN_IMAGE\n.*did you mean debian-12\?/);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CATALOG, ENTRY } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { startPublished } from './published-images.ts';

describe('packages', () => {
  test('prints a line for each package, of the version and the platform that are chosen', async () => {
    const { root, publish } = await startPublished();
    await publish({
      tags: ['a'.repeat(32), 'release-1.0'],
      platforms: { 'linux/amd64': { packages: ['openssl 3.0.17-1 amd64'] } },
    });
    const digest = await publish({
      tags: ['b'.repeat(32), 'latest'],
      platforms: {
        'linux/amd64': { packages: ['tzdata 2025b-1 all', 'openssl 3.0.18-1 amd64'] },
        'linux/arm64': { packages: ['openssl 3.0.18-2 arm64'] },
      },
    });
    const list = async (...args: string[]) => printedBy(root, 'packages', 'debian-12', ...args);
    expect(await list()).toEqual({
      status: 0,
      stdout: 'openssl 3.0.18-1 amd64\ntzdata 2025b-1 all\n',
      stderr: '',
    });
    expect((await list('release-1.0')).stdout).toBe('openssl 3.0.17-1 amd64\n');
    expect((await list('--platform', 'linux/arm64')).stdout).toBe('openssl 3.0.18-2 arm64\n');
    expect(JSON.parse((await list('--json', '--platform', 'linux/arm64/v8')).stdout)).toEqual({
      image: 'debian-12',
      digest,
      tags: ['b'.repeat(32), 'latest'],
      uploadedAt: '2026-03-02T12:00:00.000Z',
      platform: 'linux/arm64',
      format: 'deb',
      distribution: { id: 'debian', version: '12' },
      packages: [{ name: 'openssl', version: '3.0.18-2', architecture: 'arm64' }],
    });
    const wrong = await list('release-1.0', '--platform', 'linux/s390x');
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/UNKNOWN_PLATFORM\n.*linux\/s390x; choose one of linux\/amd64/);
    const other = await list('--platform', 'aarch64');
    expect(other.stderr).toContain('did you mean linux/arm64?');
  });

  test('a version without a list ends with code 1 and the reason, and prints no empty list', async () => {
    const { root, publish } = await startPublished();
    await publish({ tags: ['a'.repeat(32), 'latest'], platforms: { 'linux/arm64': {} } });
    const { status, stdout, stderr } = await printedBy(root, 'packages', 'debian-12', '--json');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/PACKAGES_UNKNOWN\n.*for linux\/arm64 are unknown: ./);
  });
});

describe('which', () => {
  /** debian-12 in two versions, of which each branch has one, and debian-13, of which nobody knows the packages. */
  async function published() {
    const started = await startPublished('debian-12:v1');
    const { publish, root } = started;
    const entry = ENTRY.replace("'12'", "'13'");
    const files = `${CATALOG}${entry}${ENTRY.replace("'12'", "'14'")}`;
    writeFileSync(join(root, 'config/images.yml'), files);
    const old = await publish({
      tags: ['a'.repeat(32), 'v1'],
      platforms: {
        'linux/amd64': { packages: ['libssl3 3.0.17-1 amd64', 'openssl 3.0.17-1 amd64'] },
      },
    });
    const now = await publish({
      tags: ['b'.repeat(32), 'latest'],
      platforms: {
        'linux/amd64': { packages: ['libssl3 3.0.18-1 amd64', 'openssl 3.0.18-1 amd64'] },
        'linux/arm64': { packages: ['libssl3 3.0.18-1 arm64', 'openssl 3.0.18-1 arm64'] },
      },
    });
    await publish({ image: 'debian-13', tags: ['latest'], platforms: { 'linux/amd64': {} } });
    return { ...started, old, now };
  }

  const tableOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
  const HEAD = ['IMAGE', 'USED BY', 'PACKAGE', 'VERSION', 'PLATFORM'];

  test('finds a package in current versions and in those that branches need, and names unknown lists', async () => {
    const { root, old, now } = await published();
    const { status, stdout, stderr } = await printedBy(root, 'which', 'openssl');
    expect(status).toBe(0);
    expect(tableOf(stdout)).toEqual([
      HEAD,
      ['debian-12', 'latest', 'openssl', '3.0.18-1', 'linux/amd64, linux/arm64'],
      ['debian-12', 'main, release-1.0', 'openssl', '3.0.17-1', 'linux/amd64'],
    ]);
    expect(stderr).toMatch(
      /^warning: the registry has no current version of debian-14\nwarning: the packages of debian-13 for linux\/amd64 \(latest\) are unknown: .*\n$/,
    );
    const json = await printedBy(root, 'which', 'openssl', '--json');
    const { found, unknown } = JSON.parse(json.stdout) as Record<'found' | 'unknown', object[]>;
    const openssl = (architecture: string, version: string, digest: string, usedBy: string[]) => {
      const one = { image: 'debian-12', name: 'openssl', platform: `linux/${architecture}` };
      return { ...one, architecture, version, digest, usedBy };
    };
    expect(found).toEqual([
      openssl('amd64', '3.0.18-1', now, ['latest']),
      openssl('arm64', '3.0.18-1', now, ['latest']),
      openssl('amd64', '3.0.17-1', old, ['main', 'release-1.0']),
    ]);
    expect(unknown).toMatchObject([
      { image: 'debian-13', platform: 'linux/amd64', usedBy: ['latest'] },
    ]);
  });

  test('a star stands for any text, and a name that nobody has is said to be nowhere', async () => {
    const { root } = await published();
    const { stdout } = await printedBy(root, 'which', '*ssl*');
    expect(tableOf(stdout).map((cells) => cells[2])).toEqual([
      'PACKAGE',
      'libssl3',
      'openssl',
      'libssl3',
      'openssl',
    ]);
    const none = await printedBy(root, 'which', 'opensl');
    expect(none).toMatchObject({
      status: 0,
      stdout: 'No image has "opensl"; did you mean openssl?\n',
    });
    const json = await printedBy(root, 'which', 'opensl', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ package: 'opensl', found: [] });
  });

  test('a need that the registry does not have is named', async () => {
    const { root, publish } = await startPublished('debian-12:v2');
    await publish({ tags: ['latest'], platforms: { 'linux/amd64': { packages: ['a 1 all'] } } });
    const { stderr } = await printedBy(root, 'which', 'a');
    expect(stderr).toContain('the registry does not have debian-12:v2, which release-1.0 needs');
  });

  test('what is no image is named, and hides no other', async () => {
    const { api, root, publish } = await startPublished();
    await publish({ tags: ['latest'], platforms: { 'linux/amd64': { packages: ['a 1 all'] } } });
    api.registry.push('ci-images/images/chart', 'no image', 'latest');
    const { status, stdout, stderr } = await printedBy(root, 'which', 'a');
    expect(status).toBe(0);
    expect(stdout).toContain('debian-12');
    expect(stderr).toMatch(
      /^warning: the packages of chart for all platforms \(latest\) are unknown: ./,
    );
  });
});

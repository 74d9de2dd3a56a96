import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatedArchive, startDatedArchive } from '../support/dated-archive.ts';
import {
  buildDatedBase,
  SOURCES_OF_BASE,
  type DatedBuilds,
  datedBuilds,
  DATED_CONTEXT,
} from '../support/dated-builds.ts';
import { provideDebianBase, forgetBuilds } from '../support/docker-cli.ts';

/** No registry, but a name of its own to forget everything by. */
const NAMESPACE = `snapshot-${process.pid}.test`;
const DEBIAN = `${NAMESPACE}/debian:bookworm`;

/** Long gone, so that no list of theirs is good any more by the clock. */
const FIRST = '2024-03-01';
const SECOND = '2024-04-01';
const FORGED = '2024-05-01';

/** Of the newer base, in the versions of the second day. */
const OF_BASE = ['library', 'library-tools', 'unrelated'];

let archive: DatedArchive;
let builds: DatedBuilds;
const packages = packagesOf(readFileSync(join(DATED_CONTEXT, 'Dockerfile'), 'utf8'));

beforeAll(async () => {
  archive = await startDatedArchive();
  builds = datedBuilds(archive, NAMESPACE);
  // With an epoch above all that are real: the base's libc6 breaks with an older openssh-server.
  for (const [day, version] of [
    [FIRST, '9:1.0-1'],
    [SECOND, '9:2.0-1'],
    [FORGED, '9:3.0-1'],
  ] as const) {
    await archive.publish('bookworm', day, [...packages, ...libraryOf(version)], version);
    await archive.publish('bookworm-updates', day, [], version);
    await archive.publish('bookworm-backports', day, libraryOf('9:9.0-1'), '9:9.0-1');
    await archive.publish('bookworm-security', day, [], version);
  }
  archive.forge('bookworm', FORGED);
  await provideDebianBase('bookworm', DEBIAN);
  await buildDatedBase(archive, DEBIAN, `${NAMESPACE}/base:1`);
});

afterAll(async () => {
  await archive.stop();
  await forgetBuilds(NAMESPACE);
});

it('installs what the archive had on the day, though its lists have run out since', async () => {
  await builds.build('first', FIRST);
  await builds.build('second', SECOND);
  expect(await builds.versionsIn('first', packages)).toEqual(
    packages.map((name) => `${name} 9:1.0-1`),
  );
  expect(await builds.versionsIn('second', packages)).toEqual(
    packages.map((name) => `${name} 9:2.0-1`),
  );
});

it('makes the same layers of the same inputs, to the byte, a second time and without a cache', async () => {
  await builds.build('again', FIRST);
  expect(await builds.layersOf('again')).toEqual(await builds.layersOf('first'));
  expect(await builds.layersOf('second')).not.toEqual(await builds.layersOf('first'));
});

it('leaves the image the sources that its base had: those of today', async () => {
  const configuration = 'find /etc/apt -type f -exec sha256sum {} + | sort';
  expect(await builds.run('first', configuration)).toBe(await builds.run('base', configuration));
  expect(await builds.run('first', 'cat /etc/apt/sources.list.d/* /etc/apt/sources.list')).toBe(
    SOURCES_OF_BASE,
  );
});

it('refuses lists that are not what the archive has signed', async () => {
  await expect(builds.build('forged', FORGED)).rejects.toThrow(
    /BADSIG|not signed|invalid signature/,
  );
});

describe('a base that is newer than the snapshot', () => {
  beforeAll(async () => {
    await builds.install('newer', 'base', SECOND, OF_BASE);
  });

  it('goes back to what the archive had, where what is installed depends on it, and nowhere else', async () => {
    await builds.install('tool', 'newer', FIRST, ['tool']);
    expect(await builds.versionsIn('tool', ['tool', ...OF_BASE])).toEqual([
      'tool 9:1.0-1',
      'library 9:1.0-1',
      'library-tools 9:1.0-1',
      'unrelated 9:2.0-1',
    ]);
    const configuration = 'find /etc/apt -type f -exec sha256sum {} + | sort';
    expect(await builds.run('tool', configuration)).toBe(await builds.run('newer', configuration));
  });

  it('goes back with a package that is asked for by name', async () => {
    await builds.install('asked', 'newer', FIRST, ['unrelated']);
    expect(await builds.versionsIn('asked', OF_BASE)).toEqual([
      'library 9:2.0-1',
      'library-tools 9:2.0-1',
      'unrelated 9:1.0-1',
    ]);
  });

  it('is refused rather than that it loses a package which needs the later version', async () => {
    await builds.install('needing', 'newer', SECOND, ['needs-later']);
    const installation = builds.install('lost', 'needing', FIRST, ['tool']);
    // In either order: apt tells the one on its output, and the other as an error.
    await expect(installation).rejects.toThrow(/^(?=.* needs-later\n)(?=.*remove is disabled)/s);
  });

  it('keeps its versions where sources are as of today', async () => {
    await builds.takeLive('live', 'newer', FIRST);
    const installation = builds.install('refused', 'live', SECOND, ['tool'], '');
    await expect(installation).rejects.toThrow(/tool : Depends: library \(= 9:1\.0-1\)/);
  });
});

/** A library with a program of its own, a tool that is built with it, and what came with version 2. */
function libraryOf(version: string) {
  const depends = `library (= ${version})`;
  return [
    'library',
    'unrelated',
    { name: 'library-tools', depends },
    { name: 'tool', depends },
    ...(version === '9:1.0-1' ? [] : [{ name: 'needs-later', depends: 'library (>= 9:2.0-1)' }]),
  ];
}

/** The packages that the Dockerfile of the context names. */
function packagesOf(dockerfile: string): string[] {
  const [, list = ''] = /install\.sh((?: \\\n +[a-z0-9.+-]+)+)/.exec(dockerfile) ?? [];
  return list.split(/[\s\\]+/).filter(Boolean);
}

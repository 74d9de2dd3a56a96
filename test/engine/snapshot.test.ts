import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/checkout.ts';
import { sourceDateEpoch } from '../../src/catalog/source-date-epoch.ts';
import { type DatedArchive, startDatedArchive } from '../support/dated-archive.ts';
import { provideDebianBase } from '../support/debian-base.ts';
import { docker } from '../support/docker-cli.ts';
import { forgetBuilds } from '../support/forget-builds.ts';

const CONTEXT = join(CHECKOUT, 'config/contexts/apt');
/** No registry, but a name of its own to forget everything by. */
const NAMESPACE = `snapshot-${process.pid}.test`;
const DEBIAN = `${NAMESPACE}/debian:bookworm`;
const BASE = `${NAMESPACE}/base:1`;

/** Long gone, so that no list of theirs is good any more by the clock. */
const FIRST = '2024-03-01';
const SECOND = '2024-04-01';
const FORGED = '2024-05-01';

/** Debian's own sources but for who signs, half of them in each of apt's formats. */
const STANZAS = `Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/test.gpg
`;
const LINES =
  'deb [signed-by=/usr/share/keyrings/test.gpg] http://security.debian.org/debian-security bookworm-security main\n';

let archive: DatedArchive;
const packages = packagesOf(readFileSync(join(CONTEXT, 'Dockerfile'), 'utf8'));

beforeAll(async () => {
  archive = await startDatedArchive();
  for (const [day, version] of [
    [FIRST, '1.0-1'],
    [SECOND, '2.0-1'],
    [FORGED, '3.0-1'],
  ] as const) {
    await archive.publish('bookworm', day, packages, version);
    await archive.publish('bookworm-updates', day, [], version);
    await archive.publish('bookworm-security', day, [], version);
  }
  archive.forge('bookworm', FORGED);
  await provideDebianBase('bookworm', DEBIAN);
  await buildBase();
});

afterAll(async () => {
  await archive.stop();
  await forgetBuilds(NAMESPACE);
});

it('installs what the archive had on the day, though its lists have run out since', async () => {
  await build('first', FIRST);
  await build('second', SECOND);
  expect(await versionsIn('first')).toEqual(packages.map((name) => `${name} 1.0-1`));
  expect(await versionsIn('second')).toEqual(packages.map((name) => `${name} 2.0-1`));
});

it('makes the same layers of the same inputs, to the byte, a second time and without a cache', async () => {
  await build('again', FIRST);
  expect(await layersOf('again')).toEqual(await layersOf('first'));
  expect(await layersOf('second')).not.toEqual(await layersOf('first'));
});

it('leaves the image the sources that its base had: those of today', async () => {
  const configuration = 'find /etc/apt -type f -exec sha256sum {} + | sort';
  expect(await run('first', configuration)).toBe(await run('base', configuration));
  expect(await run('first', 'cat /etc/apt/sources.list.d/* /etc/apt/sources.list')).toBe(
    STANZAS + LINES,
  );
});

it('refuses lists that are not what the archive has signed', async () => {
  await expect(build('forged', FORGED)).rejects.toThrow(/BADSIG|not signed|invalid signature/);
});

/** The packages that the Dockerfile of the context names. */
function packagesOf(dockerfile: string): string[] {
  const [, list = ''] = /install\.sh((?: \\\n +[a-z0-9.+-]+)+)/.exec(dockerfile) ?? [];
  return list.split(/[\s\\]+/).filter(Boolean);
}

/** Debian's image with the test's key, and with the one file that a build leaves its trace in otherwise. */
async function buildBase(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-base-'));
  try {
    writeFileSync(join(folder, 'debian.sources'), STANZAS);
    writeFileSync(join(folder, 'sources.list'), LINES);
    writeFileSync(join(folder, 'test.gpg'), archive.keyring);
    writeFileSync(join(folder, 'hosts'), '');
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${DEBIAN}
COPY test.gpg /usr/share/keyrings/
COPY debian.sources /etc/apt/sources.list.d/
COPY sources.list /etc/apt/
# Where there is none, Docker 20.10 makes one for the build and takes it away: /etc has another time then.
COPY hosts /etc/
`,
    );
    await docker('build', '--quiet', '--network', 'none', '--tag', BASE, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function build(name: string, day: string): Promise<void> {
  const args = {
    BASE,
    SNAPSHOT: day,
    SOURCE_DATE_EPOCH: sourceDateEpoch(day),
    DEBIAN_SNAPSHOTS: archive.address,
  };
  const options = Object.entries(args).flatMap((pair) => ['--build-arg', pair.join('=')]);
  const tag = ['--tag', `${NAMESPACE}/${name}:1`];
  await docker('build', '--no-cache', '--network', 'host', ...options, ...tag, CONTEXT);
}

function run(name: string, script: string): Promise<string> {
  const image = `${NAMESPACE}/${name}:1`;
  return docker('run', '--rm', '--network', 'none', image, 'sh', '-c', script);
}

async function versionsIn(name: string): Promise<string[]> {
  const listed = await run(
    name,
    `dpkg-query -W -f '\${Package} \${Version}\\n' ${packages.join(' ')}`,
  );
  return listed.trim().split('\n');
}

async function layersOf(name: string): Promise<unknown> {
  const format = '{{json .RootFS.Layers}}';
  const layers = await docker('image', 'inspect', '--format', format, `${NAMESPACE}/${name}:1`);
  return JSON.parse(layers);
}

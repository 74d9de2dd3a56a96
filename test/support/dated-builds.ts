import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { sourceDateEpoch } from '../../src/catalog/build-arguments.ts';
import type { DatedArchive } from './dated-archive.ts';
import { docker } from './docker-cli.ts';

/** The build context whose scripts install packages as of a day. */
export const DATED_CONTEXT = join(CHECKOUT, 'config/contexts/apt');

export type DatedBuilds = ReturnType<typeof datedBuilds>;

/** Builds images as of a day (YYYY-MM-DD), never from a cache, and looks into them: each is `<namespace>/<name>:1`. */
export function datedBuilds(archive: DatedArchive, namespace: string) {
  const nameOf = (image: string) => `${namespace}/${image}:1`;
  const image = async (name: string, args: Record<string, string>, dockerfile?: string) => {
    const options = Object.entries(args).flatMap((pair) => ['--build-arg', pair.join('=')]);
    const build = ['build', '--no-cache', '--network', 'host', ...options, '--tag', nameOf(name)];
    await withFile(dockerfile, (file) => docker(...build, ...file, DATED_CONTEXT));
  };
  const dated = (day: string, snapshots: string) => ({
    SNAPSHOT: day,
    SOURCE_DATE_EPOCH: sourceDateEpoch(day),
    DEBIAN_SNAPSHOTS: snapshots,
  });
  const run = (name: string, script: string) =>
    docker('run', '--rm', '--network', 'none', nameOf(name), 'sh', '-c', script);
  return {
    run,

    /** Builds the context as it is, on the image `base`. */
    async build(name: string, day: string) {
      await image(name, { BASE: nameOf('base'), ...dated(day, archive.address) });
    },

    /** Installs these packages by the context's scripts, on any image. */
    async install(
      name: string,
      base: string,
      day: string,
      packages: readonly string[],
      snapshots = archive.address,
    ) {
      const dockerfile = `FROM ${nameOf(base)}
ARG UBUNTU_SNAPSHOTS=
ARG DEBIAN_SNAPSHOTS
ARG SNAPSHOT
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,source=scripts,target=/mnt --mount=type=tmpfs,target=/tmp \\
    sh /mnt/install.sh ${packages.join(' ')}
`;
      await image(name, dated(day, snapshots), dockerfile);
    },

    /** Gives an image a source that has no dated archive: it has now what the archive had on the day. */
    async takeLive(name: string, base: string, day: string) {
      const options = '[check-valid-until=no signed-by=/usr/share/keyrings/test.gpg]';
      const address = `${archive.address}/debian/${day.replaceAll('-', '')}T000000Z`;
      const source = `deb ${options} ${address} bookworm main`;
      const dockerfile = `FROM ${nameOf(base)}
RUN rm /etc/apt/sources.list.d/* && echo '${source}' >/etc/apt/sources.list
`;
      await image(name, {}, dockerfile);
    },

    /** `<package> <version>`, in the order of the packages. */
    async versionsIn(name: string, packages: readonly string[]) {
      const query = `dpkg-query -W -f '\${Package} \${Version}\\n' "$name"`;
      const listed = await run(name, `for name in ${packages.join(' ')}; do ${query}; done`);
      return listed.trim().split('\n');
    },

    async layersOf(name: string): Promise<unknown> {
      const format = '{{json .RootFS.Layers}}';
      return JSON.parse(await docker('image', 'inspect', '--format', format, nameOf(name)));
    },
  };
}

/** Docker's option for a Dockerfile that the context doesn't hold, as long as the file is needed. */
async function withFile(
  dockerfile: string | undefined,
  use: (option: readonly string[]) => Promise<unknown>,
): Promise<void> {
  if (dockerfile === undefined) {
    await use([]);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'dated-builds-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), dockerfile);
    await use(['--file', join(folder, 'Dockerfile')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SIGNED_BY = '/usr/share/keyrings/test.gpg';

/** Debian's own sources but for who signs, half of them in each of apt's formats. */
const STANZAS = `Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: ${SIGNED_BY}
`;
const LINES = `deb [signed-by=${SIGNED_BY}] http://security.debian.org/debian-security bookworm-security main\n`;

/** The files of a dated base below /etc/apt/sources.list.d, and /etc/apt/sources.list after them. */
export const SOURCES_OF_BASE = STANZAS + LINES;

/**
 * Builds `reference` from an image of Debian bookworm: with the key of the archive that stands in for
 * Debian's, and with the one file that a build leaves its trace in otherwise.
 */
export async function buildDatedBase(
  archive: DatedArchive,
  debian: string,
  reference: string,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dated-base-'));
  try {
    writeFileSync(join(folder, 'debian.sources'), STANZAS);
    writeFileSync(join(folder, 'sources.list'), LINES);
    writeFileSync(join(folder, 'test.gpg'), archive.keyring);
    writeFileSync(join(folder, 'hosts'), '');
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${debian}
COPY test.gpg ${SIGNED_BY}
COPY debian.sources /etc/apt/sources.list.d/
COPY sources.list /etc/apt/
# Where there is none, Docker 20.10 makes one for the build and takes it away: /etc has another time then.
COPY hosts /etc/
`,
    );
    await docker('build', '--quiet', '--network', 'none', '--tag', reference, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

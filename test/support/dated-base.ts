import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatedArchive } from './dated-archive.ts';
import { docker } from './docker-cli.ts';

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

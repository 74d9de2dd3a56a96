import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const MAINTAINER = 'Dated Archive <archive@example.org>';
const ARCHITECTURES = ['amd64', 'arm64'];
/** Days that the lists of an archive are good for. */
const VALID_DAYS = 7;

interface DependentPackage {
  readonly name: string;
  /** As in a control file: `library (= 1.0-1)`. */
  readonly depends: string;
}

export interface DatedArchive {
  /** `http://127.0.0.1:<port>`, below which there is `<archive>/<stamp>/dists/<suite>/InRelease`. */
  readonly address: string;
  /** The public key that lists are signed with, as a file of /usr/share/keyrings. */
  readonly keyring: Buffer;
  /** Publishes these packages, all in this version, in a suite as of a day (YYYY-MM-DD). */
  publish(
    suite: string,
    day: string,
    packages: readonly (string | DependentPackage)[],
    version: string,
  ): Promise<void>;
  /** Makes a day's lists say something else than what was signed. */
  forge(suite: string, day: string): void;
  stop(): Promise<void>;
}

/**
 * A package archive on loopback with a state for each day, like snapshot.debian.org: real packages,
 * signed lists, and each of them good for a week after its day. Needs `dpkg-deb` and `gpg`.
 */
export async function startDatedArchive(): Promise<DatedArchive> {
  const folder = mkdtempSync(join(tmpdir(), 'dated-'));
  const home = join(folder, 'gpg');
  mkdirSync(home, { mode: 0o700 });
  const gpg = ['--homedir', home, '--batch', '--quiet', '--passphrase', ''];
  await execute('gpg', [...gpg, '--quick-generate-key', MAINTAINER, 'rsa2048', 'sign', 'never']);
  await execute('gpg', [...gpg, '--output', join(folder, 'keyring.gpg'), '--export']);

  const files = new Map<string, string | Buffer>();
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    keyring: readFileSync(join(folder, 'keyring.gpg')),
    async publish(suite, day, packages, version) {
      const root = rootOf(suite, day);
      const entries: string[] = [];
      for (const item of packages) {
        const { name, depends = '' } = typeof item === 'string' ? { name: item } : item;
        const { control, file } = await buildPackage(folder, { name, version, depends }, day);
        // Without the epoch, as in any archive.
        const path = `pool/${name}_${version.replace(/^\d+:/, '')}_all.deb`;
        files.set(`${root}/${path}`, file);
        entries.push(
          `${control}Filename: ${path}\nSize: ${file.length}\nSHA256: ${sha256(file)}\n`,
        );
      }
      const list = entries.join('\n');
      const release = join(folder, 'Release');
      writeFileSync(release, releaseOf(suite, day, list));
      await execute('gpg', [...gpg, '--yes', '--output', `${release}.asc`, '--clearsign', release]);
      files.set(`${root}/dists/${suite}/InRelease`, readFileSync(`${release}.asc`));
      for (const path of ARCHITECTURES.map(listOf)) {
        files.set(`${root}/dists/${suite}/${path}`, list);
      }
    },
    forge(suite, day) {
      const path = `${rootOf(suite, day)}/dists/${suite}/InRelease`;
      files.set(path, String(files.get(path)).replace('Label: Debian', 'Label: Evil'));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await execute('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(folder, { recursive: true });
    },
  };
}

function rootOf(suite: string, day: string): string {
  const archive = suite.endsWith('-security') ? 'debian-security' : 'debian';
  return `/${archive}/${day.replaceAll('-', '')}T000000Z`;
}

function listOf(architecture: string): string {
  return `main/binary-${architecture}/Packages`;
}

function releaseOf(suite: string, day: string, list: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const end = new Date(date.getTime() + VALID_DAYS * 86_400_000);
  const hashes = ARCHITECTURES.map(
    (architecture) => ` ${sha256(list)} ${Buffer.byteLength(list)} ${listOf(architecture)}`,
  );
  return [
    'Origin: Debian',
    'Label: Debian',
    // Nothing comes from backports unasked.
    ...(suite.endsWith('-backports') ? ['NotAutomatic: yes', 'ButAutomaticUpgrades: yes'] : []),
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${date.toUTCString()}`,
    `Valid-Until: ${end.toUTCString()}`,
    `Architectures: ${ARCHITECTURES.join(' ')}`,
    'Components: main',
    'SHA256:',
    ...hashes,
    '',
  ].join('\n');
}

async function buildPackage(
  folder: string,
  { name, version, depends }: DependentPackage & { readonly version: string },
  day: string,
) {
  const root = mkdtempSync(join(folder, 'package-'));
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    `Maintainer: ${MAINTAINER}`,
    ...(depends === '' ? [] : [`Depends: ${depends}`]),
    'Description: a stand-in',
    '',
  ].join('\n');
  const documents = join(root, 'usr/share/doc', name);
  mkdirSync(join(root, 'DEBIAN'));
  mkdirSync(documents, { recursive: true });
  writeFileSync(join(root, 'DEBIAN/control'), control);
  writeFileSync(join(documents, 'version'), `${version}\n`);
  const built = `${root}.deb`;
  const epoch = String(Date.parse(`${day}T00:00:00Z`) / 1000);
  const env = { ...process.env, SOURCE_DATE_EPOCH: epoch };
  await execute('dpkg-deb', ['--root-owner-group', '--build', root, built], { env });
  return { control, file: readFileSync(built) };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

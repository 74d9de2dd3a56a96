import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { debianProgram } from '../../infra/toolchain/programs.ts';
import { listContainer } from '../../src/verify/list-container.ts';
import { INSTALL_MS } from '../disk/disk-workshop.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { docker } from '../support/docker-cli.ts';

// A root file system with a database of rpm, made of packages that are built here.

const execute = promisify(execFile);
const folder = sharedFolder();
const root = join(folder, 'root');
const image = `rpm-packages-${process.pid}.test/system:1`;

/** Name, epoch, version and release. */
const PACKAGES = [
  ['libstdc++', '', '14.2.1', '3.fc43'],
  ['openssl-libs', '1', '3.5.4', '2.fc43'],
  ['kernel-core', '', '6.9.0', '1.fc43'],
  ['kernel-core', '', '6.10~rc1^git1', '1.fc43'],
] as const;

beforeAll(async () => {
  const rpm = await debianProgram('rpm', 'rpm', console.error);
  const built: string[] = [];
  for (const [name, epoch, version, release] of PACKAGES)
    built.push(await build(name, epoch, version, release));
  mkdirSync(join(root, 'bin'), { recursive: true });
  // Debian's rpm has its database at home.
  const place = ['--root', root, '--dbpath', '/var/lib/rpm'];
  await execute(rpm, [...place, '--initdb']);
  await execute(rpm, [...place, '--install', '--nodeps', '--oldpackage', ...built]);
  await copyWithLibraries(rpm);
  cpSync('/usr/lib/rpm', join(root, 'usr/lib/rpm'), { recursive: true });
  // The shell of busybox would take its own rpm.
  await copyWithLibraries('/bin/dash');
  symlinkSync('dash', join(root, 'bin/sh'));
  mkdirSync(join(root, 'etc/rpm'), { recursive: true });
  writeFileSync(join(root, 'etc/rpm/macros'), '%_dbpath /var/lib/rpm\n');
  writeFileSync(join(root, 'etc/os-release'), 'ID=fedora\nVERSION_ID="43"\n');
  const archive = join(folder, 'root.tar');
  await execute('tar', ['--create', '--file', archive, '--directory', root, '.']);
  await docker('import', archive, image);
}, INSTALL_MS);

afterAll(async () => {
  await docker('image', 'rm', '--force', image);
});

it('the packages of an rpm-based system are those that rpm lists in a container of it', async () => {
  const options = { platform: 'linux/amd64', signal: new AbortController().signal };
  const found = await listContainer(image, options);
  if (found.kind === 'unknown') throw new Error(found.reason);
  const { packages, ...rest } = found.list;
  expect(rest).toEqual({ format: 'rpm', distribution: { id: 'fedora', version: '43' } });
  const lines = packages.map(
    ({ name, version, architecture }) => `${name}-${version}.${architecture}`,
  );
  const format = '%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}\\n';
  const printed = await docker(
    'run',
    '--rm',
    '--network=none',
    image,
    'rpm',
    '-qa',
    '--qf',
    format,
  );
  expect(lines.toSorted()).toEqual(printed.trim().split('\n').toSorted());
  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'kernel-core 6.10~rc1^git1-1.fc43',
    'kernel-core 6.9.0-1.fc43',
    'libstdc++ 14.2.1-3.fc43',
    'openssl-libs 1:3.5.4-2.fc43',
  ]);
});

/** A package without files. */
async function build(name: string, epoch: string, version: string, release: string) {
  const top = join(folder, 'build');
  mkdirSync(top, { recursive: true });
  const spec = join(folder, 'package.spec');
  const head = {
    Name: name,
    Version: version,
    Release: release,
    Epoch: epoch,
    Summary: 'x',
    License: 'x',
  };
  const lines = Object.entries(head).flatMap(([key, value]) =>
    value === '' ? [] : `${key}: ${value}`,
  );
  const content = [...lines, 'BuildArch: noarch', '%description', '%files', ''].join('\n');
  writeFileSync(spec, content);
  const options = ['--define', `_topdir ${top}`, '--define', '_rpmfilename %{NAME}-%{VERSION}.rpm'];
  await execute('rpmbuild', ['-bb', ...options, spec]);
  return join(top, 'RPMS', `${name}-${version}.rpm`);
}

/** Copies a program into the file system, with the libraries that it is linked with. */
async function copyWithLibraries(program: string): Promise<void> {
  const { stdout } = await execute('ldd', [program]);
  const libraries = [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(/gm)].map(([, path = '']) => path);
  for (const file of [program, ...libraries]) {
    const target = join(root, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIST_SCRIPT, parsePackages, type Packages } from '../../src/packages/package-list.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const deb = (...lines: string[]) =>
  ['distribution\tdebian\t12', 'format\tdeb', ...lines, 'end\t0', ''].join('\n');
const rpm = (...lines: string[]) =>
  ['distribution\tfedora\t43', 'format\trpm', ...lines, 'end\t0', ''].join('\n');
const installed = (name: string, version = '1', architecture = 'amd64') =>
  `${name}\t${version}\t${architecture}\tinstall ok installed`;

function listed(printed: string) {
  const found = parsePackages(printed);
  if (found.kind === 'unknown') throw new Error(found.reason);
  return found.list;
}

function reasonOf(packages: Packages) {
  return packages.kind === 'unknown' ? packages.reason : '';
}

describe('parsePackages', () => {
  it('sorts by code units, by name, architecture and version', () => {
    const list = listed(
      deb(
        installed('zlib1g'),
        installed('libc6', '2', 'i386'),
        installed('libc6', '2', 'amd64'),
        installed('libc-bin'),
      ),
    );
    expect(list).toMatchObject({ format: 'deb', distribution: { id: 'debian', version: '12' } });
    expect(list.packages.map(({ name, architecture }) => `${name}:${architecture}`)).toEqual([
      'libc-bin:amd64',
      'libc6:amd64',
      'libc6:i386',
      'zlib1g:amd64',
    ]);
  });

  it('takes a package once that a broken database has twice, in whatever state', () => {
    const list = listed(deb(installed('a'), 'a\t1\tamd64\thold ok installed', installed('a')));
    expect(list.packages).toEqual([{ name: 'a', version: '1', architecture: 'amd64' }]);
  });

  it('believes no list that is longer than that of any system', () => {
    const many = Array.from({ length: 10_001 }, (_, at) => installed(`a${at}`));
    expect(reasonOf(parsePackages(deb(...many)))).toMatch(/more than 10000 packages/);
    expect(listed(deb(...many.slice(1))).packages).toHaveLength(10_000);
    const long = reasonOf(parsePackages(deb(installed('a'.repeat(1_000_000)))));
    expect(long).toMatch(/longer than that of any system/);
  });

  it.each(['installed', 'triggers-awaited', 'triggers-pending'])('takes what is %s', (state) => {
    expect(listed(deb(`a\t1\tall\tinstall ok ${state}`)).packages).toHaveLength(1);
    expect(listed(deb(`a\t1\tall\thold ok ${state}`)).packages).toHaveLength(1);
  });

  it.each(['config-files', 'not-installed', 'half-installed', 'unpacked', 'half-configured'])(
    'leaves out what is %s',
    (state) => {
      const list = listed(deb(installed('kept'), `gone\t1\tall\tdeinstall ok ${state}`));
      expect(list.packages.map(({ name }) => name)).toEqual(['kept']);
    },
  );

  it('keeps epochs, several versions and signs of versions, and leaves keys of rpm out', () => {
    const list = listed(
      rpm(
        'gpg-pubkey\t6d9f90a6-671e1c4f\t(none)',
        'kernel-core\t6.9-1.fc43\tx86_64',
        'kernel-core\t6.10~rc1^git1-1.fc43\tx86_64',
        'openssl-libs\t1:3.5.4-2.fc43\tx86_64',
      ),
    );
    expect(list.packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'kernel-core 6.10~rc1^git1-1.fc43',
      'kernel-core 6.9-1.fc43',
      'openssl-libs 1:3.5.4-2.fc43',
    ]);
  });

  it('has what a broken database lists twice once', () => {
    expect(listed(rpm('a\t1-1\tnoarch', 'a\t1-1\tnoarch')).packages).toHaveLength(1);
  });

  it('reads a serial console, with its line ends', () => {
    const printed = deb(installed('a')).replaceAll('\n', '\r\r\n');
    expect(listed(printed).packages).toHaveLength(1);
  });

  it.each([
    ['an empty output', '', 'breaks off'],
    ['no end', deb(installed('a')).replace('end\t0\n', ''), 'breaks off'],
    ['a failure', deb(installed('a')).replace('end\t0', 'end\t2'), 'package manager failed'],
    ['no format', 'end\t0\n', 'breaks off'],
    ['neither manager', 'format\tnone\nend\t0\n', 'neither dpkg nor rpm'],
    ['no package', deb(), 'no installed package'],
    ['only keys', rpm('gpg-pubkey\t1-2\t(none)'), 'no installed package'],
    ['a foreign line', deb(installed('a'), '[   12.3] kernel: hello'), '[   12.3] kernel: hello'],
    ['a broken line', deb('libc6\t2.36\tam[ 1.2] x'), 'libc6'],
  ])('has no list for %s', (_, printed, reason) => {
    expect(reasonOf(parsePackages(printed))).toContain(reason);
  });
});

describe('LIST_SCRIPT', () => {
  /** Runs the script with these programs, each a shell script, and no others. */
  function run(programs: Readonly<Record<string, string>>) {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const { stdout, status } = spawnSync('/bin/sh', ['-c', LIST_SCRIPT], {
      env: { PATH: folder },
      encoding: 'utf8',
    });
    return { status, packages: parsePackages(stdout) };
  }

  it('asks rpm where dpkg knows of no package', () => {
    const { packages } = run({
      'dpkg-query': 'exit 1',
      rpm: `printf 'bash\\t5-1\\tx86_64\\n'`,
    });
    expect(packages).toMatchObject({ kind: 'known', list: { format: 'rpm' } });
  });

  it('says where there is neither', () => {
    const { packages, status } = run({});
    expect(reasonOf(packages)).toContain('neither dpkg nor rpm');
    expect(status).toBe(0);
  });

  it.each([
    ['rpm', '[ "$1" = --version ]'],
    ['dpkg-query', '[ "$1" = --version ]'],
  ])('says where %s is there and fails', (name, text) => {
    const { packages, status } = run({ [name]: text });
    expect(reasonOf(packages)).toBe('its package manager failed');
    expect(status).not.toBe(0);
  });

  it('takes the rpm of busybox for none', () => {
    const { packages } = run({ rpm: 'echo usage >&2; exit 1' });
    expect(reasonOf(packages)).toBe('neither dpkg nor rpm is in it');
  });

  it('has no list where the package manager fails in the middle', () => {
    const { packages, status } = run({
      'dpkg-query': `printf 'a\\t1\\tall\\tinstall ok installed\\n'; [ $# = 1 ]`,
    });
    expect(packages).toMatchObject({ kind: 'unknown' });
    expect(status).toBe(1);
  });
});

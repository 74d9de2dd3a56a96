import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { builtImagesOf } from '../catalog/checkout.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

/** What a node under test needs, and the packages that give it: one of them is enough. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'systemd as init': ['systemd'],
  dbus: ['dbus', 'dbus-1'],
  sshd: ['openssh-server'],
  python3: ['python3'],
  sudo: ['sudo'],
  iproute2: ['iproute2', 'iproute'],
  iptables: ['iptables'],
  conntrack: ['conntrack', 'conntrack-tools'],
  socat: ['socat'],
  // Debian's iptables has it.
  ebtables: ['ebtables', 'iptables'],
  ethtool: ['ethtool'],
  kmod: ['kmod'],
  procps: ['procps', 'procps-ng'],
  'ca-certificates': ['ca-certificates'],
  curl: ['curl', '/usr/bin/curl'],
};

/** Which distributions a context is for. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  'config/contexts/apt': ['debian', 'ubuntu'],
  'config/contexts/dnf': ['almalinux', 'rockylinux', 'fedora', 'amazon-linux', 'openeuler'],
  'config/contexts/zypper': ['opensuse-leap'],
};

const images = builtImagesOf(OWN_CONFIG).filter(({ kind }) => kind === 'container');

test('every distribution of the catalog is built by the context of its package family', () => {
  const familyOf = (distribution: string) =>
    Object.keys(FAMILIES).find((context) => FAMILIES[context]?.includes(distribution));
  expect(images.map(({ name, context }) => [name, context])).toEqual(
    images.map(({ name, distribution }) => [name, familyOf(distribution)]),
  );
  expect(new Set(images.map(({ distribution }) => distribution))).toEqual(
    new Set(Object.values(FAMILIES).flat()),
  );
});

describe.each(Object.keys(FAMILIES))('%s', (context) => {
  const dockerfile = read(context, 'Dockerfile');

  test.each(Object.entries(NEEDS))('installs %s', (_, packages) => {
    expect(installed(dockerfile).some((name) => packages.includes(name))).toBe(true);
  });

  test('boots systemd, and ends it by the signal that it wants', () => {
    expect(dockerfile).toMatch(/^CMD \["\/(sbin\/init|usr\/lib\/systemd\/systemd)"\]$/m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGRTMIN\+3$/m);
    expect(dockerfile).toMatch(/^ENV container=docker$/m);
  });

  test('installs anew for each date of the catalog', () => {
    const [beforeRun = ''] = dockerfile.split('\nRUN ');
    expect(beforeRun).toMatch(/^ARG SNAPSHOT$/m);
  });

  test('keeps no key of SSH in the image', () => {
    const scripts = ['install.sh', 'keys-at-first-boot.sh'].map((name) => read(context, name));
    expect(scripts.join('')).toMatch(/^rm -f \/etc\/ssh\/ssh_host_\*$/m);
  });

  test('makes the image fit to boot by the same script as the other contexts', () => {
    const script = 'boot-in-container.sh';
    expect(read(context, script)).toBe(read('config/contexts/apt', script));
    expect(read(context, 'install.sh')).toContain(`/${script}"\n`);
  });
});

/** The packages that a Dockerfile has install.sh install. */
function installed(dockerfile: string): readonly string[] {
  const [, list = ''] = /install\.sh((?: \\\n +[a-z0-9./+-]+)+)/.exec(dockerfile) ?? [];
  return list.split(/[\s\\]+/).filter(Boolean);
}

/** A file of a context, its Dockerfile or one of its scripts; empty where it has none. */
function read(context: string, name: string): string {
  const path = join(CHECKOUT, context, name.endsWith('.sh') ? 'scripts' : '', name);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

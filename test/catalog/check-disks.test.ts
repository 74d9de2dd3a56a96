import { describe, expect, test } from 'vitest';
import { findMovingPart, namesVersion } from '../../src/catalog/disk-url.ts';

const EXAMPLE = 'https://images.example';

describe('a version is found in a URL', () => {
  test.each([
    ['ubuntu', '24.04', '/releases/24.04/disk.img'],
    ['ubuntu', '24.04', '/ubuntu-2404.img'],
    ['ubuntu', '24.04', '/ubuntu-24_04-server.img'],
    ['ubuntu', '24.04', '/noble/20260323/noble-server-cloudimg-amd64.img'],
    ['debian', '12', '/cloud/bookworm/20230612-1409/x.qcow2'],
    ['debian', '12.5', '/cloud/bookworm/20230612-1409/x.qcow2'],
    ['debian', '12', '/debian-12-generic-amd64.qcow2'],
    ['rockylinux', '9', '/pub/rocky/9.5/images/x.qcow2'],
    ['almalinux', '8.9', '/almalinux/8.9/cloud/x.qcow2'],
    ['opensuse-leap', '15.6', '/repositories/Cloud:/Images:/Leap_15.6/images/x.qcow2'],
    ['opensuse-leap', '15.6', '/repositories/Cloud%3A/Leap%5F15.6/x.qcow2'],
    ['oracle', '7.6', '/oracle76/oracle-linux-76.qcow2'],
    ['openeuler', '24.03-LTS', '/openEuler-24.03-LTS-SP1/x.qcow2.xz'],
    ['flatcar', '4081.2.1', '/amd64-usr/4081.2.1/flatcar.qcow2'],
  ])('%s %s in %s', (distribution, version, path) => {
    expect(namesVersion(EXAMPLE + path, distribution, version)).toBe(true);
  });
});

describe('a version is not found in', () => {
  test.each([
    ['the name of another one', 'ubuntu', '24.04', '/jammy/20260323/x.img'],
    ["another distribution's name for it", 'fedora', '12', '/bookworm/x.img'],
    ['a longer number', 'rockylinux', '9', '/rocky/19/20099/x.img'],
    ['a number that goes on', 'rockylinux', '9', '/rocky/95/x.img'],
    ['the last part of a number', 'fedora', '5', '/fedora/41.5/x.img'],
    ['an architecture', 'fedora', '64', '/fedora/41/x.x86_64.amd64.img'],
    ['a longer word', 'ubuntu', '24.04', '/noblesse/x.img'],
    ['the host', 'fedora', '41', '/x.img'],
    ['a version of more parts than the URL has', 'almalinux', '9.5', '/9/x.img'],
  ])('%s', (_, distribution, version, path) => {
    expect(namesVersion(`https://41.example${path}`, distribution, version)).toBe(false);
  });

  test('a version of any characters breaks nothing', () => {
    for (const version of ['(', '[', '\\', '*', '+', '$', '%']) {
      expect(namesVersion(`${EXAMPLE}/1/x.img`, 'a', version)).toBe(false);
    }
  });
});

describe('a moving part of a URL', () => {
  test.each([
    ['/noble/current/x.img', 'current'],
    ['/openstack/current-10/x.qcow2', 'current-10'],
    [
      '/9/AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
      'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
    ],
    ['/Latest/x.img', 'Latest'],
  ])('of %s is %s', (path, part) => {
    expect(findMovingPart(EXAMPLE + path)).toBe(part);
  });

  test.each(['/concurrent/currently/latestfix/x.img', '/noble/20260323/x.img'])(
    'is none in %s',
    (path) => {
      expect(findMovingPart(`https://latest.example${path}`)).toBeUndefined();
    },
  );
});

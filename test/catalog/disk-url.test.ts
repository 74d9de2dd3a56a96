import { expect, test } from 'vitest';
import { findMovingPart, isSameFile, namesVersion } from '../../src/catalog/disk-url.ts';

const EXAMPLE = 'https://images.example';

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
])('a URL names its version: %s %s, %s', (distribution, version, path) => {
  expect(namesVersion(EXAMPLE + path, distribution, version)).toBe(true);
});

test.each<[by: string, distribution: string, version: string, path: string]>([
  ['the name of another one', 'ubuntu', '24.04', '/jammy/20260323/x.img'],
  ["another distribution's name for it", 'fedora', '12', '/bookworm/x.img'],
  ['a longer number', 'rockylinux', '9', '/rocky/19/20099/x.img'],
  ['a number that goes on', 'rockylinux', '9', '/rocky/95/x.img'],
  ['the last part of a number', 'fedora', '5', '/fedora/41.5/x.img'],
  ['an architecture', 'fedora', '64', '/fedora/41/x.x86_64.amd64.img'],
  ['a longer word', 'ubuntu', '24.04', '/noblesse/x.img'],
  ['the host', 'fedora', '41', '/x.img'],
  ['a version of more parts than the URL has', 'almalinux', '9.5', '/9/x.img'],
  ...Array.from('([\\*+$%', (sign): [string, string, string, string] => {
    return ['a sign', 'a', sign, '/1/x.img'];
  }),
])('a URL does not name a version by %s: %s %s, %s', (_, distribution, version, path) => {
  expect(namesVersion(`https://41.example${path}`, distribution, version)).toBe(false);
});

const ALMA = 'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2';

test.each([
  ['/noble/current/x.img', 'current'],
  ['/openstack/current-10/x.qcow2', 'current-10'],
  [`/9/${ALMA}`, ALMA],
  ['/Latest/x.img', 'Latest'],
  ['/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img', 'release'],
  [
    '/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2',
    'Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2',
  ],
  ['/leap/15.6/appliances/Leap-15.6.x86_64-15.6.0-Cloud-Build16.49.qcow2', undefined],
  ['/releases/noble/release-20260826/x.img', undefined],
  ['/release/1.2/x.img', undefined],
  ['/concurrent/currently/latestfix/x.img', undefined],
  ['/noble/20260323/x.img', undefined],
])('the moving part of %s is %s', (path, part) => {
  expect(findMovingPart(`https://latest.example${path}`)).toBe(part);
});

const FEDORA = 'linux/releases/37/Cloud/x86_64/images/Fedora-Cloud-Base-37-1.7.x86_64.qcow2';
const NOBLE = 'noble/20260323/noble-server-cloudimg-amd64.img';

test.each([
  ['to an archive', `https://a.test/pub/fedora/${FEDORA}`, `https://b.test/archive/${FEDORA}`],
  ['on its host', `https://a.test/pub/fedora/${FEDORA}`, `https://a.test/archive/${FEDORA}`],
  ['to a mirror with a number', `https://a.test/${NOBLE}`, `https://b.test/mirror2/${NOBLE}`],
  ['to https', `http://a.test/${NOBLE}`, `https://a.test/${NOBLE}`],
])('a file has moved %s', (_, before, after) => {
  expect(isSameFile(before, after)).toBe(true);
});

test.each([
  ['date', NOBLE, NOBLE.replace('20260323', '20260401')],
  ['version', FEDORA, FEDORA.replaceAll('37', '38')],
  ['point release', FEDORA, FEDORA.replace('1.7', '1.8')],
  ['number', '9/x.img', '9/5/x.img'],
  ['name', NOBLE, NOBLE.replaceAll('noble', 'jammy')],
  ['date on another host', NOBLE, NOBLE.replace('20260323', '20260401'), 'b.test'],
])('a URL is that of another build by its %s', (_, before, after, host = 'a.test') => {
  expect(isSameFile(`https://a.test/${before}`, `https://${host}/${after}`)).toBe(false);
});

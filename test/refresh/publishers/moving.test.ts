import { expect, test } from 'vitest';
import {
  ALMA,
  alma,
  anyFile,
  DEBIAN,
  DISKS,
  FLATCAR,
  fileOf,
  hex,
  page,
  ROCKY,
  serve,
  SITE,
  sum,
  type Site,
} from './some-site.ts';
import { findNewest } from '../../../src/refresh/publishers/moving.ts';

const UBUNTU = 'https://cloud-images.ubuntu.com/';
const RELEASES = `${UBUNTU}releases/noble/`;
const release = (date: string) =>
  `${RELEASES}release-${date}/ubuntu-24.04-server-cloudimg-amd64.img`;
const LEAP = 'https://download.opensuse.org/distribution/leap/16.0/appliances/';
const leap = (build: string) =>
  `${LEAP}Leap-16.0-Minimal-VM.x86_64-16.0.0-Cloud-Build${build}.qcow2`;

const ALL: Site = {
  ...SITE,
  [RELEASES]: page('release/', 'release-20260320/', 'release-20260826/'),
  [`${RELEASES}release-20260826/SHA256SUMS`]: `${hex('e')} *${fileOf(release('1'))}`,
  [`${LEAP}?jsontable`]: JSON.stringify({
    data: ['1.1', '16.2', '3.9'].map((build) => ({ name: fileOf(leap(build)) })),
  }),
  [`${leap('16.2')}.sha256`]: `${hex('f')}  ${fileOf(leap('16.2'))}`,
  [`${ALMA}9/cloud/x86_64/images/CHECKSUM`]: `${hex('3')}  ${fileOf(alma('9.7-20251118'))}`,
  [`${ROCKY}9/images/x86_64/CHECKSUM`]: `SHA256 (Rocky-9-GenericCloud-Base-9.10-20251116.0.x86_64.qcow2) = ${hex('4')}`,
};

const find = (distribution: string, version: string, url: string, site: Site = ALL) =>
  findNewest(url, { distribution, version }, { fetchText: serve(site), isThere: anyFile });

test.each([
  ['debian', '12', `${DEBIAN}latest/debian-12-generic-amd64.qcow2`, DISKS.debian.newest],
  [
    'flatcar',
    '4081',
    `${FLATCAR}current/flatcar_production_kubevirt_image.qcow2`,
    DISKS.flatcar.newest,
  ],
  [
    'ubuntu',
    '24.04',
    `${UBUNTU}noble/current/noble-server-cloudimg-amd64.img`,
    { url: release('20260826'), checksum: sum('e') },
  ],
  [
    'ubuntu',
    '24.04',
    `${RELEASES}release/ubuntu-24.04-server-cloudimg-amd64.img`,
    { url: release('20260826'), checksum: sum('e') },
  ],
  [
    'opensuse-leap',
    '16.0',
    `${LEAP}Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2`,
    { url: leap('16.2'), checksum: sum('f') },
  ],
  [
    'almalinux',
    '9',
    `${ALMA}9/cloud/x86_64/images/AlmaLinux-9-GenericCloud-latest.x86_64.qcow2`,
    { url: alma('9.7-20251118').replace('/9.7/', '/9/'), checksum: sum('3') },
  ],
  [
    'rockylinux',
    '9',
    `${ROCKY}9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2`,
    {
      url: `${ROCKY}9/images/x86_64/Rocky-9-GenericCloud-Base-9.10-20251116.0.x86_64.qcow2`,
      checksum: sum('4'),
    },
  ],
])('the newest build of %s %s in place of %s', async (distribution, version, url, newest) => {
  expect(await find(distribution, version, url)).toEqual({ newest });
});

test('a publisher without a build is reported by the address that moves', async () => {
  const url = `${UBUNTU}noble/current/noble-server-cloudimg-amd64.img`;
  const found = await find('ubuntu', '24.04', url, { [RELEASES]: page('release-20260826/') });
  expect(found).toMatchObject({ failure: { code: 'SOURCE_GONE' } });
  expect(await find('ubuntu', '24.04', url, { [RELEASES]: page() })).toMatchObject({
    failure: { code: 'LIST_UNREADABLE', problem: `no build is published beside ${url}` },
  });
});

test.each([
  [
    'debian',
    '10',
    'https://cdimage.debian.org/cdimage/openstack/current-10/debian-10-openstack-amd64.qcow2',
  ],
  ['oracle', '7', 'https://a.test/current/oracle-7.qcow2'],
])('the build of %s is not looked up: %s %s', async (distribution, version, url) => {
  expect(await find(distribution, version, url)).toBe('not followed');
});

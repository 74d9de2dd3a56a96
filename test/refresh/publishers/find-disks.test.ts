import { describe, expect, test } from 'vitest';
import { findDisks } from '../../../src/refresh/publishers/find-disks.ts';
import { askOf, find, hex, page, pin, sum, type Site } from './some-site.ts';

const DEBIAN = 'https://cdimage.debian.org/cdimage/cloud/bookworm/';
const UBUNTU = 'https://cloud-images.ubuntu.com/noble/';
const ALMA = 'https://repo.almalinux.org/almalinux/';
const ROCKY = 'https://download.rockylinux.org/pub/rocky/';
const FEDORA = 'pub/fedora/linux/releases/43/Cloud/x86_64/images/';
const FLATCAR = 'https://stable.release.flatcar-linux.net/amd64-usr/';
const SUSE = 'https://download.opensuse.org/repositories/Cloud:/Images:/Leap_15.6/images/';

const debian = (build: string) => `${DEBIAN}${build}/debian-12-generic-amd64-${build}.qcow2`;
const alma = (minor: string, build: string) =>
  `${ALMA}${minor}/cloud/x86_64/images/AlmaLinux-9-GenericCloud-${minor}-${build}.x86_64.qcow2`;
const rocky = (minor: string, build: string) =>
  `${ROCKY}${minor}/images/x86_64/Rocky-9-GenericCloud-Base-${minor}-${build}.x86_64.qcow2`;
const fedora = (build: string) =>
  `https://download.fedoraproject.org/${FEDORA}Fedora-Cloud-Base-Generic-43-${build}.x86_64.qcow2`;
const suse = (version: string, build: string) =>
  `openSUSE-Leap-15.6.x86_64-${version}-NoCloud-Build${build}.qcow2`;
const table = (...names: string[]) =>
  JSON.stringify({ data: names.map((name) => ({ name, size: 1 })) });

/** What each distribution's publisher has, with older builds and other flavours beside the newest. */
const SITE: Site = {
  [DEBIAN]: page(
    ...['20230612-1409/', '20240901-1857/', '20240901-999/', 'daily/', 'latest/'],
    ...['https://a.test/cdimage/cloud/bookworm/20990101-1/', '/cdimage/cloud/trixie/20990101-2/'],
  ).replace('<pre>', '<!-- <a href="20990101-3/"> --><pre>'),
  [`${DEBIAN}20240901-1857/SHA512SUMS`]: [
    `${hex('9', 'sha512')}  debian-12-generic-arm64-20240901-1857.qcow2`,
    `${hex('1', 'sha512')}  debian-12-generic-amd64-20240901-1857.qcow2`,
    `${hex('8', 'sha512')}  debian-12-genericcloud-amd64-20240901-1857.qcow2`,
  ].join('\n'),
  [UBUNTU]: page('20260323/', '20260401/', '20260401.1/', 'current/', 'release-20270101/'),
  [`${UBUNTU}20260401.1/SHA256SUMS`]: [
    `${hex('9')} *noble-server-cloudimg-arm64.img`,
    `${hex('2')} *noble-server-cloudimg-amd64.img`,
  ].join('\n'),
  [ALMA]: page('8.10/', '9/', '9.5/', '9.6/', '9.7/', '9.8/', '10.1/', '10/'),
  // 9.8 is there, and its images are not yet.
  [`${ALMA}9.7/cloud/x86_64/images/CHECKSUM`]: [
    `${hex('3')}  AlmaLinux-9-GenericCloud-9.7-20251118.x86_64.qcow2`,
    `${hex('9')}  AlmaLinux-9-GenericCloud-9.7-20251101.x86_64.qcow2`,
    `${hex('8')}  AlmaLinux-9-GenericCloud-ext4-9.7-20251201.x86_64.qcow2`,
    `${hex('3')}  AlmaLinux-9-GenericCloud-latest.x86_64.qcow2`,
  ].join('\n'),
  [ROCKY]: page('9/', '9.5/', '9.10/', '9.9/', '10.0/', '9.10-RC1/'),
  [`${ROCKY}9.9/images/x86_64/CHECKSUM`]: `SHA256 (Rocky-9-GenericCloud-Base-9.9-20251001.0.x86_64.qcow2) = ${hex('9')}`,
  [`${ROCKY}9.10/images/x86_64/CHECKSUM`]: [
    '# Rocky-9-GenericCloud-Base-9.10-20251116.0.x86_64.qcow2: 615448576 bytes',
    `SHA256 (Rocky-9-GenericCloud-Base-9.10-20251116.0.x86_64.qcow2) = ${hex('4')}`,
    `SHA256 (Rocky-9-GenericCloud-LVM-9.10-20251117.0.x86_64.qcow2) = ${hex('9')}`,
    `SHA256 (Rocky-9-GenericCloud-Base.latest.x86_64.qcow2) = ${hex('4')}`,
  ].join('\n'),
  [`https://dl.fedoraproject.org/${FEDORA}`]: page(
    'Fedora-Cloud-43-1.6-x86_64-CHECKSUM',
    'Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2',
  ),
  [`https://dl.fedoraproject.org/${FEDORA}Fedora-Cloud-43-1.6-x86_64-CHECKSUM`]: [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    '# Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2: 583532544 bytes',
    `SHA256 (Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2) = ${hex('5')}`,
    `SHA256 (Fedora-Cloud-Base-UEFI-UKI-43-1.6.x86_64.qcow2) = ${hex('9')}`,
    '-----BEGIN PGP SIGNATURE-----',
    'aGVsbG8=',
    '-----END PGP SIGNATURE-----',
    `SHA256 (Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2) = ${hex('9')}`,
  ].join('\n'),
  [FLATCAR]: page('4081.2.1/', '4081.3.10/', '4081.3.9/', '4152.2.0/', 'current/'),
  [`${FLATCAR}4081.3.10/flatcar_production_kubevirt_image.qcow2.DIGESTS`]: [
    '# MD5 HASH',
    `${'9'.repeat(32)}  flatcar_production_kubevirt_image.qcow2`,
    '# SHA1 HASH',
    `${'8'.repeat(40)}  flatcar_production_kubevirt_image.qcow2`,
    '# SHA512 HASH',
    `${hex('6', 'sha512')}  flatcar_production_kubevirt_image.qcow2`,
  ].join('\n'),
  [`${SUSE}?jsontable`]: table(
    ...[suse('1.0.1', '1.177'), suse('1.0.1', '1.99'), suse('1.0.1', '1.200')],
    ...[suse('1.0.0', '9.9'), suse('1.0.1', '1.200').replace('NoCloud', 'OpenStack-Cloud')],
    ...[`${suse('1.0.1', '1.200')}.sha256`, 'openSUSE-Leap-15.6.x86_64-NoCloud.qcow2'],
  ),
  [`${SUSE}${suse('1.0.1', '1.200')}.sha256`]: `${hex('7')} ${suse('1.0.1', '1.200')}\n`,
};

const FLATCAR_FILE = 'flatcar_production_kubevirt_image.qcow2';
const UBUNTU_FILE = 'noble-server-cloudimg-amd64.img';

const PINNED = {
  debian: [pin('debian', '12', debian('20230612-1409')), debian('20240901-1857')],
  ubuntu: [
    pin('ubuntu', '24.04', `${UBUNTU}20260323/${UBUNTU_FILE}`),
    `${UBUNTU}20260401.1/${UBUNTU_FILE}`,
  ],
  almalinux: [pin('almalinux', '9', alma('9.5', '20241120')), alma('9.7', '20251118')],
  rockylinux: [pin('rockylinux', '9', rocky('9.5', '20241118.0')), rocky('9.10', '20251116.0')],
  fedora: [pin('fedora', '43', fedora('1.2')), fedora('1.6')],
  flatcar: [
    pin('flatcar', '4081', `${FLATCAR}4081.2.1/${FLATCAR_FILE}`),
    `${FLATCAR}4081.3.10/${FLATCAR_FILE}`,
  ],
  opensuse: [
    pin('opensuse-leap', '15.6', SUSE + suse('1.0.1', '1.177')),
    SUSE + suse('1.0.1', '1.200'),
  ],
} as const;

const SUMS = {
  ...{ debian: sum('1', 'sha512'), ubuntu: sum('2'), almalinux: sum('3'), rockylinux: sum('4') },
  ...{ fedora: sum('5'), flatcar: sum('6', 'sha512'), opensuse: sum('7') },
} satisfies Record<keyof typeof PINNED, string>;

const NAMES = Object.keys(PINNED) as (keyof typeof PINNED)[];

describe('the newest build of the same release, architecture and flavour', () => {
  test.each(NAMES)('%s', async (name) => {
    const [pinned, url] = PINNED[name];
    const newest = { url, checksum: SUMS[name] };
    expect(await find(pinned, SITE)).toEqual({ newest });
    const again = { ...pinned, ...newest };
    expect(await find(again, SITE)).toEqual({ newest });
  });

  test('is looked for at the project itself where Fedora would send us to a mirror', async () => {
    const asked: string[] = [];
    await findDisks([PINNED.fedora[0]], askOf(SITE, asked));
    expect(asked.map((url) => new URL(url).host)).toEqual(Array(2).fill('dl.fedoraproject.org'));
  });

  test('is found among the releases of Ubuntu too, and not among the daily builds', async () => {
    const top = 'https://cloud-images.ubuntu.com/releases/noble/';
    const file = 'ubuntu-24.04-server-cloudimg-amd64.img';
    const site = {
      [top]: page('release-20240423/', 'release-20240912/', 'release/', '20990101/'),
      [`${top}release-20240912/SHA256SUMS`]: `${hex('a')} *${file}`,
    };
    const found = await find(pin('ubuntu', '24.04', `${top}release-20240423/${file}`), site);
    const newest = { url: `${top}release-20240912/${file}`, checksum: sum('a') };
    expect(found).toEqual({ newest });
  });

  test('stays in the point release that the catalog declares', async () => {
    const place = `${ALMA}9.5/cloud/x86_64/images/CHECKSUM`;
    const file = 'AlmaLinux-9-GenericCloud-9.5-20250101.x86_64.qcow2';
    const site = { ...SITE, [place]: `${hex('a')}  ${file}` };
    const found = await find(pin('almalinux', '9.5', alma('9.5', '20241120')), site);
    const newest = { url: alma('9.5', '20250101'), checksum: sum('a') };
    expect(found).toEqual({ newest });
  });

  test('is of the folder of the major release where that is pinned', async () => {
    const [, nine] = PINNED.almalinux;
    const url = nine.replace('/9.7/', '/9/');
    const site = {
      [`${ALMA}9/cloud/x86_64/images/CHECKSUM`]:
        SITE[`${ALMA}9.7/cloud/x86_64/images/CHECKSUM`] ?? '',
    };
    const found = await find(pin('almalinux', '9', url.replace('20251118', '20251001')), site);
    expect(found).toEqual({ newest: { url, checksum: sum('3') } });
  });

  test('is never one that is older than what is pinned', async () => {
    const url = debian('20250101-1');
    const sums = `${hex('a', 'sha512')}  debian-12-generic-amd64-20250101-1.qcow2`;
    const site = { ...SITE, [`${DEBIAN}20250101-1/SHA512SUMS`]: sums };
    const pinned = pin('debian', '12', url, sum('a', 'sha512'));
    expect(await find(pinned, site)).toEqual({ newest: { url, checksum: pinned.checksum } });
  });
});

/** SHA-512 of an empty file. */
const OF_NOTHING =
  'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e';

describe('no build is found, and the pinned one stays, where', () => {
  const [pinned, url] = PINNED.debian;
  const place = `${DEBIAN}20240901-1857/SHA512SUMS`;
  const file = url.slice(url.lastIndexOf('/') + 1);
  const digits = hex('1', 'sha512');
  test.each([
    ['is empty', ' \n'],
    ['is a page', page(file)],
    ['is a page with a line of it', `<pre>\n${digits}  ${file}`],
    ['has another file only', `${digits}  ${file}.x`],
    ['has too few digits', `${digits.slice(1)}  ${file}`],
    ['has too many as well', `${digits}  ${file}\n${digits}00  ${file}`],
    ['has no digits', `  ${file}`],
    ['has MD5 only', `${digits.slice(0, 32)}  ${file}`],
    ['has two checksums', `${digits}  ${file}\n${hex('2', 'sha512')}  ${file}`],
    ['has a broken line for the file', `${digits}  ${file}\nSHA512 (${file}) = `],
    ['has the checksum of an empty file', `${OF_NOTHING}  ${file}`],
  ])('the checksum file %s', async (_, sums) => {
    const found = await find(pinned, { ...SITE, [place]: sums });
    expect(found).toMatchObject({ failure: { code: 'CHECKSUM_UNREADABLE' } });
  });

  test.each([
    ['a page without builds', page('x/')],
    ['prose', '20240901-1857/'],
  ])('the list is %s', async (_, list) => {
    const found = await find(pinned, { ...SITE, [DEBIAN]: list });
    expect(found).toMatchObject({ failure: { code: 'LIST_UNREADABLE' } });
  });

  test.each([
    ['the list', DEBIAN],
    ['the checksum file', place],
  ])('%s is gone', async (_, gone) => {
    const site = Object.fromEntries(Object.entries(SITE).filter(([key]) => key !== gone));
    expect(await find(pinned, site)).toMatchObject({ failure: { code: 'SOURCE_GONE' } });
  });

  test('every folder of a point release is gone', async () => {
    const found = await find(PINNED.rockylinux[0], { [ROCKY]: page('9.5/', '9.6/') });
    expect(found).toMatchObject({ failure: { code: 'SOURCE_GONE' } });
  });

  test.each([
    [PINNED.almalinux, `${ALMA}9.7/cloud/x86_64/images/CHECKSUM`, '  {}'],
    [PINNED.rockylinux, `${ROCKY}9.10/images/x86_64/CHECKSUM`, 'SHA256 ({}) = '],
    [
      PINNED.fedora,
      `https://dl.fedoraproject.org/${FEDORA}Fedora-Cloud-43-1.6-x86_64-CHECKSUM`,
      'SHA256 ({}) = ',
    ],
  ])('the newest of a list has no checksum, though an older one has: %#', async (one, at, line) => {
    const [{ url: older }, newer] = one;
    const [old = '', now = ''] = [older, newer].map((each) =>
      each.slice(each.lastIndexOf('/') + 1),
    );
    const site = { ...SITE, [at]: `${hex('0')}  ${old}\n${line.replace('{}', now)}` };
    expect(await find(one[0], site)).toMatchObject({ failure: { code: 'CHECKSUM_UNREADABLE' } });
  });

  test('a point release has no build of the same flavour', async () => {
    const other = rocky('9.5', '20241118.0').replace('-Base', '');
    const found = await find(pin('rockylinux', '9', other), SITE);
    expect(found).toMatchObject({ failure: { code: 'LIST_UNREADABLE' } });
  });

  test('another checksum is published for the pinned build itself', async () => {
    const newest = pin('debian', '12', url, sum('2', 'sha512'));
    expect(await find(newest, SITE)).toMatchObject({ failure: { code: 'CHECKSUM_DIFFERS' } });
  });

  test.each([
    ['debian', '10', 'https://cdimage.debian.org/cdimage/openstack/10/debian-10-amd64.qcow2'],
    ['ubuntu', '24.04', 'https://cloud-images.ubuntu.com/noble/20260323/a.img?x=1'],
    ['almalinux', '9', `${ALMA}9.5/cloud/x86_64/images/AlmaLinux-9.qcow2`],
    ['fedora', '43', fedora('1.2').replace('/releases/', '/development/')],
    ['flatcar', '4081', `${FLATCAR}lts-4081/${FLATCAR_FILE}`],
    ['opensuse', '15.6', `${SUSE}openSUSE-Leap-15.6.x86_64-NoCloud.qcow2`],
  ])('the address is not as those of %s are', async (distribution, version, address) => {
    const found = await find(pin(distribution, version, address), SITE);
    expect(found).toMatchObject({ failure: { code: 'SOURCE_UNKNOWN' } });
  });
});

test('a distribution whose publisher lists nothing that is understood is not followed', async () => {
  const disk = pin('oracle', '7.6', 'https://a.test/oracle-76.qcow2');
  const asked: string[] = [];
  const found = await findDisks([disk], askOf({}, asked));
  expect([...found.values(), asked]).toEqual([{ isNotFollowed: true }, []]);
});

test('a disk that several images have must be of the release of each', async () => {
  const [pinned] = PINNED.almalinux;
  const releases = [...pinned.releases, { distribution: 'almalinux', version: '9.5' }];
  const own = { ...SITE, [`${ALMA}9.5/cloud/x86_64/images/CHECKSUM`]: '' };
  const found = await find({ ...pinned, releases }, own);
  expect(found).toMatchObject({ failure: { code: 'CHECKSUM_UNREADABLE' } });
});

import { parseChecksum, type Checksum } from '../../../src/catalog/image.ts';
import { findDisks, type FoundDisk } from '../../../src/refresh/publishers/find-disks.ts';
import type { FetchText, IsThere, PinnedDisk } from '../../../src/refresh/publishers/publisher.ts';
import { known } from '../../support/fixtures.ts';

/** URL → text: what publishers have. */
export type Site = Readonly<Record<string, string>>;

type Algorithm = 'sha256' | 'sha512';

/** The digits of a checksum, all the same. */
export const hex = (digit: string, algorithm: Algorithm = 'sha256') =>
  digit.repeat(algorithm === 'sha256' ? 64 : 128);

export function sum(digit: string, algorithm: Algorithm = 'sha256'): Checksum {
  return known(parseChecksum(`${algorithm}:${hex(digit, algorithm)}`));
}

/** A directory's page as servers make one, with links that lead elsewhere too. */
export function page(...names: string[]): string {
  const links = ['../', '?C=N;O=D', '/icons/', ...names];
  return `<html><body><h1>Index of 1.2.3/</h1><pre>${links
    .map((name) => `<a href="${name}">${name.slice(0, 12)}..</a> 2026-01-01 12:00`)
    .join('\n')}</pre></body></html>`;
}

/** Serves a site. `requested` collects the URLs. */
export function serve(site: Site, requested: string[] = []): FetchText {
  return (url) => {
    requested.push(url);
    return Promise.resolve(site[url]);
  };
}

export function pin(
  distribution: string,
  version: string,
  url: string,
  checksum: Checksum = sum('0'),
): PinnedDisk {
  return { url, checksum, releases: [{ distribution, version }] };
}

/** Finds the file of every build. */
export const anyFile = () => Promise.resolve(true);

/** The lookup of one disk. */
export async function find(
  disk: PinnedDisk,
  site: Site,
  isThere: IsThere = anyFile,
): Promise<FoundDisk | undefined> {
  return (await findDisks([disk], { fetchText: serve(site), isThere })).get(disk.url);
}

export const DEBIAN = 'https://cdimage.debian.org/cdimage/cloud/bookworm/';
const UBUNTU = 'https://cloud-images.ubuntu.com/noble/';
export const ALMA = 'https://repo.almalinux.org/almalinux/';
export const ROCKY = 'https://download.rockylinux.org/pub/rocky/';
export const FEDORA =
  'https://dl.fedoraproject.org/pub/fedora/linux/releases/43/Cloud/x86_64/images/';
export const FLATCAR = 'https://stable.release.flatcar-linux.net/amd64-usr/';
export const SUSE = 'https://download.opensuse.org/repositories/Cloud:/Images:/Leap_15.6/images/';

export const debian = (build: string) => `${DEBIAN}${build}/debian-12-generic-amd64-${build}.qcow2`;
const ubuntu = (build: string) => `${UBUNTU}${build}/noble-server-cloudimg-amd64.img`;
export const alma = (build: string) => {
  const [minor = ''] = build.split('-');
  return `${ALMA}${minor}/cloud/x86_64/images/AlmaLinux-9-GenericCloud-${build}.x86_64.qcow2`;
};
export const rocky = (build: string) => {
  const [minor = ''] = build.split('-');
  return `${ROCKY}${minor}/images/x86_64/Rocky-9-GenericCloud-Base-${build}.x86_64.qcow2`;
};
export const fedora = (build: string) =>
  `${FEDORA.replace('dl.', 'download.')}Fedora-Cloud-Base-Generic-43-${build}.x86_64.qcow2`;
export const flatcar = (build: string) =>
  `${FLATCAR}${build}/flatcar_production_kubevirt_image.qcow2`;
const suse = (build: string) => {
  const [version = '', number = ''] = build.split('-');
  return `${SUSE}openSUSE-Leap-15.6.x86_64-${version}-NoCloud-Build${number}.qcow2`;
};

export const fileOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

const table = (...urls: string[]) =>
  JSON.stringify({ data: urls.map((url) => ({ name: fileOf(url), size: 1 })) });

/** What each distribution's publisher has, with older builds and other flavours beside the newest. */
export const SITE: Site = {
  [DEBIAN]: page(
    '20230612-1409/',
    '20240901-1857/',
    '20240901-999/',
    'daily/',
    'latest/',
    'https://a.test/cdimage/cloud/bookworm/20990101-1/',
    '/cdimage/cloud/trixie/20990101-2/',
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
  [FEDORA]: page(
    'Fedora-Cloud-43-1.6-x86_64-CHECKSUM',
    'Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2',
  ),
  [`${FEDORA}Fedora-Cloud-43-1.6-x86_64-CHECKSUM`]: [
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
  [`${flatcar('4081.3.10')}.DIGESTS`]: [
    '# MD5 HASH',
    `${'9'.repeat(32)}  flatcar_production_kubevirt_image.qcow2`,
    '# SHA1 HASH',
    `${'8'.repeat(40)}  flatcar_production_kubevirt_image.qcow2`,
    '# SHA512 HASH',
    `${hex('6', 'sha512')}  flatcar_production_kubevirt_image.qcow2`,
  ].join('\n'),
  [`${SUSE}?jsontable`]: table(
    suse('1.0.1-1.177'),
    suse('1.0.1-1.99'),
    suse('1.0.1-1.200'),
    suse('1.0.0-9.9'),
    suse('1.0.1-1.200').replace('NoCloud', 'OpenStack-Cloud'),
    `${suse('1.0.1-1.200')}.sha256`,
    'openSUSE-Leap-15.6.x86_64-NoCloud.qcow2',
  ),
  [`${suse('1.0.1-1.200')}.sha256`]: `${hex('7')} ${fileOf(suse('1.0.1-1.200'))}\n`,
};

function disk(
  list: string,
  release: readonly [distribution: string, version: string],
  urlOf: (build: string) => string,
  [old, now]: readonly [old: string, now: string],
  checksum: Checksum,
) {
  return { list, pinned: pin(...release, urlOf(old)), newest: { url: urlOf(now), checksum } };
}

/** A pinned disk of each publisher, the URL of the list of its builds, and the newest of them in `SITE`. */
export const DISKS = {
  debian: disk(
    DEBIAN,
    ['debian', '12'],
    debian,
    ['20230612-1409', '20240901-1857'],
    sum('1', 'sha512'),
  ),
  ubuntu: disk(UBUNTU, ['ubuntu', '24.04'], ubuntu, ['20260323', '20260401.1'], sum('2')),
  almalinux: disk(ALMA, ['almalinux', '9'], alma, ['9.5-20241120', '9.7-20251118'], sum('3')),
  rockylinux: disk(
    ROCKY,
    ['rockylinux', '9'],
    rocky,
    ['9.5-20241118.0', '9.10-20251116.0'],
    sum('4'),
  ),
  fedora: disk(FEDORA, ['fedora', '43'], fedora, ['1.2', '1.6'], sum('5')),
  flatcar: disk(
    FLATCAR,
    ['flatcar', '4081'],
    flatcar,
    ['4081.2.1', '4081.3.10'],
    sum('6', 'sha512'),
  ),
  opensuse: disk(
    `${SUSE}?jsontable`,
    ['opensuse-leap', '15.6'],
    suse,
    ['1.0.1-1.177', '1.0.1-1.200'],
    sum('7'),
  ),
} as const;

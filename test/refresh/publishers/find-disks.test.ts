import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../../src/catalog/parse-catalog.ts';
import { workingTree } from '../../../src/git/working-tree.ts';
import { findDisks } from '../../../src/refresh/publishers/find-disks.ts';
import {
  PublisherError,
  type PinnedDisk,
  type PublishedDisk,
} from '../../../src/refresh/publishers/publisher.ts';
import { known } from '../../support/fixtures.ts';
import {
  ALMA,
  alma,
  anyFile,
  DEBIAN,
  debian,
  DISKS,
  FEDORA,
  fedora,
  fileOf,
  find,
  flatcar,
  hex,
  page,
  pin,
  ROCKY,
  rocky,
  serve,
  SITE,
  type Site,
  sum,
  SUSE,
} from './some-site.ts';

const SUMS_9_5 = `${ALMA}9.5/cloud/x86_64/images/CHECKSUM`;
const SUMS_9_7 = `${ALMA}9.7/cloud/x86_64/images/CHECKSUM`;

describe('the newest build of the same release, architecture and flavour', () => {
  test.each(Object.entries(DISKS))('%s', async (_, { pinned, newest }) => {
    expect(await find(pinned, SITE)).toEqual({ newest });
    expect(await find({ ...pinned, ...newest }, SITE)).toEqual({ newest });
  });

  test('is looked up at the project itself where Fedora redirects to a mirror', async () => {
    const requested: string[] = [];
    await findDisks([DISKS.fedora.pinned], { fetchText: serve(SITE, requested), isThere: anyFile });
    const hosts = requested.map((url) => new URL(url).host);
    expect(hosts).toEqual(Array(2).fill('dl.fedoraproject.org'));
  });

  const RELEASES = 'https://cloud-images.ubuntu.com/releases/noble/';
  const SERVER = 'ubuntu-24.04-server-cloudimg-amd64.img';
  const nine = (build: string) => alma(build).replace('/9.7/', '/9/');
  test.each<{ title: string; disk: PinnedDisk; site: Site; newest: PublishedDisk }>([
    {
      title: 'is found among the releases of Ubuntu too, and not among the daily builds',
      disk: pin('ubuntu', '24.04', `${RELEASES}release-20240423/${SERVER}`),
      site: {
        [RELEASES]: page('release-20240423/', 'release-20240912/', 'release/', '20990101/'),
        [`${RELEASES}release-20240912/SHA256SUMS`]: `${hex('a')} *${SERVER}`,
      },
      newest: { url: `${RELEASES}release-20240912/${SERVER}`, checksum: sum('a') },
    },
    {
      title: 'stays in the point release that the catalog declares',
      disk: pin('almalinux', '9.5', alma('9.5-20241120')),
      site: { ...SITE, [SUMS_9_5]: `${hex('a')}  ${fileOf(alma('9.5-20250101'))}` },
      newest: { url: alma('9.5-20250101'), checksum: sum('a') },
    },
    {
      title: 'is of the folder of the major release where that is pinned',
      disk: pin('almalinux', '9', nine('9.7-20251001')),
      site: { [SUMS_9_7.replace('/9.7/', '/9/')]: SITE[SUMS_9_7] ?? '' },
      newest: { url: nine('9.7-20251118'), checksum: sum('3') },
    },
    {
      title: 'is never older than the pinned one',
      disk: pin('debian', '12', debian('20250101-1'), sum('a', 'sha512')),
      site: {
        ...SITE,
        [`${DEBIAN}20250101-1/SHA512SUMS`]: `${hex('a', 'sha512')}  ${fileOf(debian('20250101-1'))}`,
      },
      newest: { url: debian('20250101-1'), checksum: sum('a', 'sha512') },
    },
  ])('$title', async ({ disk, site, newest }) => {
    expect(await find(disk, site)).toEqual({ newest });
  });
});

describe('a daily build of Ubuntu', () => {
  const TOP = 'https://cloud-images.ubuntu.com/';
  const RELEASES = `${TOP}releases/noble/`;
  const daily = (date: string, site = '', file = 'server-cloudimg-amd64.img') =>
    `${TOP}${site}noble/${date}/noble-${file}`;
  const release = (date: string, file = 'server-cloudimg-amd64.img') =>
    `${RELEASES}release-${date}/ubuntu-24.04-${file}`;
  const sums = (...urls: string[]) => urls.map((url) => `${hex('a')} *${fileOf(url)}`).join('\n');
  const released = (...dates: string[]): Site => ({
    [RELEASES]: page('release/', ...dates.map((date) => `release-${date}/`)),
    ...Object.fromEntries(
      dates.map((date) => [
        `${RELEASES}release-${date}/SHA256SUMS`,
        sums(release(date), release(date, 'server-cloudimg-amd64-disk-kvm.img')),
      ]),
    ),
  });
  const DAILIES = {
    [`${TOP}noble/`]: page('20260901/', '20261130/'),
    [`${TOP}noble/20260901/SHA256SUMS`]: `${hex('0')} *noble-server-cloudimg-amd64.img`,
    [`${TOP}noble/20261130/SHA256SUMS`]: sums(daily('20261130')),
  };
  const pinned = pin('ubuntu', '24.04', daily('20260901'));

  test.each([
    ['the newest release', daily('20260323'), release('20260826')],
    ['a release of the same day', daily('20260826'), release('20260826')],
    [
      'a release, by another address of daily builds',
      daily('20260323', 'daily/server/'),
      release('20260826'),
    ],
    [
      'the same flavour',
      daily('20260323', '', 'server-cloudimg-amd64-disk-kvm.img'),
      release('20260826', 'server-cloudimg-amd64-disk-kvm.img'),
    ],
  ])('moves to %s', async (_, url, to) => {
    const found = await find(pin('ubuntu', '24.04', url), {
      ...DAILIES,
      ...released('20260320', '20260826'),
    });
    expect(found).toEqual({ newest: { url: to, checksum: sum('a') } });
    expect(
      await find(pin('ubuntu', '24.04', to, sum('a')), released('20260320', '20260826')),
    ).toEqual({
      newest: { url: to, checksum: sum('a') },
    });
  });

  test('stays while every release is older, though there are newer daily builds', async () => {
    const found = await find(pinned, { ...DAILIES, ...released('20260826') });
    expect(found).toEqual({ newest: { url: pinned.url, checksum: sum('0') } });
  });

  test('moves to an older release once it is deleted', async () => {
    const found = await find(pinned, released('20260320', '20260826'));
    expect(found).toEqual({ newest: { url: release('20260826'), checksum: sum('a') } });
  });

  test('moves to the release before one that is published in part', async () => {
    const { [`${RELEASES}release-20261001/SHA256SUMS`]: _, ...site } = released(
      '20260915',
      '20261001',
    );
    const found = await find(pinned, { ...DAILIES, ...site });
    expect(found).toMatchObject({ newest: { url: release('20260915') } });
  });

  test('is followed by daily builds in a series without releases', async () => {
    const found = await find(pinned, DAILIES);
    expect(found).toEqual({ newest: { url: daily('20261130'), checksum: sum('a') } });
  });

  test('is not looked up among daily builds while releases can not be read', async () => {
    const fetchText = (url: string) =>
      url === RELEASES
        ? Promise.reject(new PublisherError('SOURCE_UNREACHABLE', 'answered 503', ''))
        : serve(DAILIES)(url);
    const [found] = (await findDisks([pinned], { fetchText, isThere: anyFile })).values();
    expect(found).toMatchObject({ failure: { code: 'SOURCE_UNREACHABLE' } });
  });

  test('that is gone, in a series without releases, is reported', async () => {
    expect(await find(pinned, { [RELEASES]: page('release/') })).toMatchObject({
      failure: { code: 'SOURCE_GONE' },
    });
  });
});

describe('a build that is published in part is passed over', () => {
  const { pinned } = DISKS.debian;
  const between = { url: debian('20240101-1'), checksum: sum('a', 'sha512') };
  const site: Site = {
    ...SITE,
    [DEBIAN]: page('20230612-1409/', '20240101-1/', '20240901-1857/'),
    [`${DEBIAN}20240101-1/SHA512SUMS`]: `${hex('a', 'sha512')}  ${fileOf(between.url)}`,
    [`${DEBIAN}20230612-1409/SHA512SUMS`]: `${hex('0', 'sha512')}  ${fileOf(pinned.url)}`,
  };
  const place = `${DEBIAN}20240901-1857/SHA512SUMS`;
  test.each<[what: string, sums: string | undefined, code: string]>([
    ['no checksum file', undefined, 'SOURCE_GONE'],
    ['an empty one', '', 'CHECKSUM_UNREADABLE'],
    ['one with other files', `${hex('1', 'sha512')}  other.qcow2`, 'CHECKSUM_UNREADABLE'],
    ['one that is cut', `${hex('1')}1  ${fileOf(DISKS.debian.newest.url)}`, 'CHECKSUM_UNREADABLE'],
  ])('with %s: the one before it is found', async (_, sums, code) => {
    const { [place]: _whole, ...others } = site;
    const half = sums === undefined ? others : { ...others, [place]: sums };
    const found = await find(pinned, half);
    expect(found).toMatchObject({ newest: between, passedOver: { code } });
    const alone = { ...half, [DEBIAN]: page('20230612-1409/', '20240901-1857/') };
    expect(await find({ ...pinned, checksum: sum('0', 'sha512') }, alone)).toMatchObject({
      newest: { url: pinned.url },
      passedOver: { code },
    });
  });

  test('with a checksum file that is refused: the one before it is found', async () => {
    const refused = new PublisherError('SOURCE_UNREACHABLE', 'answered 403', '', true);
    const fetchText = (url: string) => (url === place ? Promise.reject(refused) : serve(site)(url));
    const [found] = (await findDisks([pinned], { fetchText, isThere: anyFile })).values();
    expect(found).toEqual({ newest: between, passedOver: refused });
  });

  test('without its file: the one before it is found, and the pinned one is not looked for', async () => {
    const looked: string[] = [];
    const isThere = (url: string) => Promise.resolve(looked.push(url) > 1);
    const found = await find(pinned, site, isThere);
    expect(found).toMatchObject({ newest: between, passedOver: { code: 'SOURCE_GONE' } });
    expect(looked).toEqual([DISKS.debian.newest.url, between.url]);
    const none = await find({ ...pinned, checksum: sum('0', 'sha512') }, site, () =>
      Promise.resolve(false),
    );
    expect(none).toMatchObject({ newest: { url: pinned.url } });
  });

  test('unless the pin of the one before it is contradicted', async () => {
    const { [place]: _whole, ...half } = site;
    const alone = { ...half, [DEBIAN]: page('20230612-1409/', '20240901-1857/') };
    const found = await find({ ...pinned, checksum: sum('b', 'sha512') }, alone);
    expect(found).toMatchObject({ failure: { code: 'CHECKSUM_DIFFERS' } });
  });

  test('and of many such builds, only the newest ones are looked at', async () => {
    const requested: string[] = [];
    const many = Array.from({ length: 40 }, (_, at) => `2025${1000 + at}-1/`);
    const fetchText = serve({ [DEBIAN]: page(...many) }, requested);
    const [found] = (await findDisks([pinned], { fetchText, isThere: anyFile })).values();
    expect(found).toMatchObject({ failure: { code: 'SOURCE_GONE' } });
    expect(requested.length).toBeLessThan(10);
  });

  test.each<[string, PinnedDisk, Site, string]>([
    [
      'a point release',
      DISKS.rockylinux.pinned,
      { [`${ROCKY}9.10/images/x86_64/CHECKSUM`]: 'SHA256 (other) = ' },
      rocky('9.9-20251001.0'),
    ],
    [
      "a point release's newest build",
      DISKS.almalinux.pinned,
      {
        [SUMS_9_7]: `${hex('9')}  ${fileOf(alma('9.7-20251101'))}\n  ${fileOf(alma('9.7-20251118'))}`,
      },
      alma('9.7-20251101'),
    ],
    [
      'a build of Fedora',
      DISKS.fedora.pinned,
      {
        [`${FEDORA}Fedora-Cloud-43-1.6-x86_64-CHECKSUM`]: [
          `SHA256 (${fileOf(fedora('1.6'))}) = `,
          `SHA256 (${fileOf(fedora('1.4'))}) = ${hex('4')}`,
        ].join('\n'),
      },
      fedora('1.4'),
    ],
  ])('%s', async (_, disk, changed, url) => {
    const found = await find(disk, { ...SITE, ...changed });
    expect(found).toMatchObject({ newest: { url }, passedOver: {} });
  });
});

describe('a checksum is read', () => {
  const { pinned, newest } = DISKS.debian;
  const place = `${DEBIAN}20240901-1857/SHA512SUMS`;
  const file = fileOf(newest.url);
  const [long, short] = [hex('1', 'sha512'), hex('2')];
  const md5 = '9'.repeat(32);
  test.each([
    ['of GNU', `${long}  ${file}`],
    ['of a binary file', `${long} *${file}`],
    ['in a folder', `${long}  ./${file}`],
    ['of a binary file in a folder', `${long} *./${file}`],
    ['with a tab', `${long}\t${file}`],
    ['in capitals, with other line ends', `${long.toUpperCase()}  ${file}\r\n`],
    ['in the folder of the address', `${long}  cloud/bookworm/20240901-1857/${file}`],
    ['with its name first', `${file}: ${long}`],
    ['with its name first, and a blank', `${file}  ${long}`],
    ['of BSD', `SHA512 (${file}) = ${long}`],
    ['of BSD, in a folder', `SHA512 (./${file}) = ${long}`],
    ['of OpenSSL', `SHA512(${file})= ${long}`],
    ['of OpenSSL 3', `SHA2-512(${file})= ${long}`],
    ['beside others of the same file', `MD5 (${file}) = ${md5}\nSHA512 (${file}) = ${long}`],
    ['beside a shorter one', `${short}  ${file}\n${long}  ${file}`],
    ['beside one of another kind', `BLAKE2b (${file}) = ${hex('3', 'sha512')}\n${long}  ${file}`],
    [
      'in a signed text',
      `x\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${long}  ${file}\n-----BEGIN PGP SIGNATURE-----\n\niQIz\n`,
    ],
  ])('%s', async (_, sums) => {
    expect(await find(pinned, { ...SITE, [place]: sums })).toEqual({ newest });
  });

  test.each(['', '  -', ' \n'])('without a name, of the file beside it: %j', async (behind) => {
    const { pinned: old, newest: suse } = DISKS.opensuse;
    const site = { ...SITE, [`${suse.url}.sha256`]: `${hex('7')}${behind}` };
    expect(await find(old, site)).toEqual({ newest: suse });
  });

  test.each([
    ['one in JSON', JSON.stringify({ [file]: long }), /is JSON/],
    [
      'one of a file in another folder',
      `${short}  a\n${long}  /x/${file}`,
      /"1+\.\.\. {2}\/x\/deb/,
    ],
    ['one in base64', `x\nsha512-${'A'.repeat(86)}== ${file}`, /"sha512-A/],
    [
      'one with more behind it',
      `${long}  ${file} (5 bytes)`,
      /no checksum: "1+\.\.\. {2}debian-12/,
    ],
    ['a list of several without names', `${long}\n${long}`, /first line is "1{80}"/],
    ['one without a name, in a list of all files', long, /first line is "1{80}"/],
    ['one of another kind', `BLAKE2b (${file}) = ${long}`, /: only blake2b/],
    ['one of BSD that is cut', `SHA512 (${file}) = ${short}`, /has 64 digits/],
    ['a text in UTF-16', Buffer.from(`${long}  ${file}`, 'utf16le').toString(), /no text in UTF-8/],
    ['a signature alone', '-----BEGIN PGP SIGNATURE-----\n\niQIz', /first line is ""/],
    ['a packed message', '-----BEGIN PGP MESSAGE-----\n\niQIz', /first line is "-----BEGIN PGP M/],
  ])('or refused with what was found: %s', async (_, sums, problem) => {
    const found = await find(pinned, { ...SITE, [place]: sums });
    expect(found).toMatchObject({
      failure: { code: 'CHECKSUM_UNREADABLE', problem: expect.stringMatching(problem) as unknown },
    });
  });
});

/** SHA-512 of an empty file. */
const OF_NOTHING =
  'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e';

describe('no build is found, and the pinned one stays, where', () => {
  const { pinned, newest } = DISKS.debian;
  const place = `${DEBIAN}20240901-1857/SHA512SUMS`;
  const file = fileOf(newest.url);
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

  const flavour = pin('rockylinux', '9', rocky('9.5-20241118.0').replace('-Base', ''));
  const without = (gone: string) =>
    Object.fromEntries(Object.entries(SITE).filter(([url]) => url !== gone));
  const { pinned: of9 } = DISKS.almalinux;
  const of95 = { distribution: 'almalinux', version: '9.5' };
  test.each([
    ['the list is a page without builds', 'LIST_UNREADABLE', pinned, { [DEBIAN]: page('x/') }],
    ['the list is prose', 'LIST_UNREADABLE', pinned, { [DEBIAN]: '20240901-1857/' }],
    ['a point release has no build of the same flavour', 'LIST_UNREADABLE', flavour, SITE],
    ['the list is gone', 'SOURCE_GONE', pinned, without(DEBIAN)],
    ['the checksum file is gone', 'SOURCE_GONE', pinned, without(place)],
    [
      'every folder of a point release is gone',
      'SOURCE_GONE',
      DISKS.rockylinux.pinned,
      { [ROCKY]: page('9.5/', '9.6/') },
    ],
    [
      'another checksum is published for the pinned build itself',
      'CHECKSUM_DIFFERS',
      pin('debian', '12', newest.url, sum('2', 'sha512')),
      SITE,
    ],
    [
      'the build is not of the release of each image that has the disk',
      'CHECKSUM_UNREADABLE',
      { ...of9, releases: [...of9.releases, of95] },
      { ...SITE, [SUMS_9_5]: '' },
    ],
  ])('%s', async (_, code, disk, site) => {
    expect(await find(disk, site)).toMatchObject({ failure: { code } });
  });

  test.each([
    ['debian', '10', 'https://cdimage.debian.org/cdimage/openstack/10/debian-10-amd64.qcow2'],
    ['ubuntu', '24.04', 'https://cloud-images.ubuntu.com/noble/20260323/a.img?x=1'],
    ['almalinux', '9', `${ALMA}9.5/cloud/x86_64/images/AlmaLinux-9.qcow2`],
    ['fedora', '43', fedora('1.2').replace('/releases/', '/development/')],
    ['flatcar', '4081', flatcar('lts-4081')],
    ['opensuse', '15.6', `${SUSE}openSUSE-Leap-15.6.x86_64-NoCloud.qcow2`],
    ['debian', '12', 'https://20230612-1409/debian-12.qcow2'],
  ])('the address is not as those of %s are: %s %s', async (distribution, version, address) => {
    const found = await find(pin(distribution, version, address), SITE);
    expect(found).toMatchObject({ failure: { code: 'SOURCE_UNKNOWN' } });
  });
});

describe('the VM disks of config/images.yml', () => {
  const NOT_FOLLOWED = ['centos', 'fedora-coreos', 'openeuler', 'oracle'];
  const { entries } = loadCatalog(workingTree('.'), 'config/images.yml');
  const disks = entries.flatMap(({ image }) => (image?.kind === 'vm-disk' ? [image] : []));

  test.each(disks)('$name is followed, unless its distribution is not', async (disk) => {
    const source = known(Object.values(disk.sources)[0]);
    const found = await find({ ...source, releases: [disk] }, {});
    const outcome = typeof found === 'object' && 'failure' in found ? found.failure.code : found;
    const isFollowed = !NOT_FOLLOWED.includes(disk.distribution);
    expect(outcome).toBe(isFollowed ? 'SOURCE_GONE' : 'not followed');
  });

  test('are not declared as one build only, where the distribution is followed', () => {
    const pinned = disks.filter(
      ({ distribution, version, sources }) =>
        !NOT_FOLLOWED.includes(distribution) &&
        Object.values(sources).some(({ url }) => url.split('/').includes(version)),
    );
    // Fedora's folders are releases, and have builds in them.
    expect(pinned.filter(({ distribution }) => distribution !== 'fedora')).toEqual([]);
  });
});

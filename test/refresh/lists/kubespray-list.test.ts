import { expect, test } from 'vitest';
import { BRANCHES, listText, sum } from './some-list.ts';
import { parseKubesprayList } from '../../../src/refresh/lists/kubespray-list.ts';
import { releaseOfKey } from '../../../src/refresh/lists/release-of-key.ts';

const FILE = 'main.yml';
const URL_12 = 'https://a.test/bookworm/20240101-1/debian-12-generic-amd64-20240101-1.qcow2';

/** A list with one disk, whose lines begin at 2. */
const one = (lines: string) => `images:\n  debian-12:\n${lines}`;

const found = (text: string, except: readonly string[] = []) =>
  parseKubesprayList(text, FILE, except).problems.map(
    ({ code, line, column }) => `${code} ${line}:${column}`,
  );

test.each(Object.entries(BRANCHES))('the list of %s has no problem', (_, disks) => {
  const parsed = parseKubesprayList(listText(disks), FILE);
  expect(parsed.problems).toEqual([]);
  expect(parsed.disks.map(({ name }) => name)).toEqual(disks.map(({ key }) => `vm-${key}`));
  expect(parsed.disks.map(({ checksum }) => checksum)).toEqual(disks.map((each) => each.checksum));
});

test('addresses that move are known', () => {
  const { disks } = parseKubesprayList(listText(BRANCHES['release-2.30']), FILE);
  const moving = disks.filter((disk) => disk.moving !== undefined).map(({ key }) => key);
  expect(moving).toEqual(['debian-10', 'ubuntu-2004', 'ubuntu-2204', 'ubuntu-2404']);
});

test.each(Object.values(BRANCHES).flat())('$key has a release', ({ key, url }) => {
  const release = releaseOfKey(key, url);
  expect(key.startsWith(release?.distribution ?? '?')).toBe(true);
});

test.each([
  ['ubuntu-2404', 'https://a.test/noble/1/noble.img', 'ubuntu', '24.04'],
  ['openeuler-2203', 'https://a.test/openEuler-22.03-LTS-SP4.qcow2.xz', 'openeuler', '22.03'],
  ['flatcar-4081', 'https://a.test/4081.2.1/flatcar.qcow2', 'flatcar', '4081'],
  ['opensuse-leap-15-6', 'https://a.test/Leap_15.6/x.qcow2', 'opensuse-leap', '15.6'],
  ['oracle-7', 'https://a.test/oracle-linux-76.qcow2', 'oracle', '7.6'],
  ['fedora-coreos', 'https://a.test/fedora-coreos-32.1.3.0.qcow2', 'fedora-coreos', '32.1.3.0'],
  ['rockylinux-10-extra', 'https://a.test/Rocky-10.qcow2', 'rockylinux', '10'],
])('the release of %s', (key, url, distribution, version) => {
  expect(releaseOfKey(key, url)).toEqual({ distribution, version });
});

test.each([
  ['debian-12', 'https://a.test/trixie/debian-13.qcow2'],
  ['12', 'https://a.test/debian-12.qcow2'],
  ['custom', 'https://a.test/custom.qcow2'],
])('no release of %s at %s', (key, url) => {
  expect(releaseOfKey(key, url)).toBeUndefined();
});

test.each<[what: string, text: string, ...problems: string[]]>([
  [
    'a template',
    one(`    url: "https://a/{{ v }}.img"\n    checksum: ${sum('a')}`),
    'LIST_TEMPLATE 3:10',
  ],
  [
    'a template as checksum',
    one(`    url: ${URL_12}\n    checksum: "{{ sum }}"`),
    'LIST_TEMPLATE 4:15',
  ],
  [
    'a template as a statement',
    one(`    url: "{% if a %}x{% endif %}"\n    checksum: ${sum('a')}`),
    'LIST_TEMPLATE 3:10',
  ],
  [
    'a template without quotes',
    one(`    url: {{ url }}\n    checksum: {{ sums }}`),
    'LIST_TEMPLATE 3:10',
    'LIST_TEMPLATE 4:15',
  ],
  ['no checksum', one(`    url: ${URL_12}`), 'MISSING_KEY 2:3'],
  ['an empty checksum', one(`    url: ${URL_12}\n    checksum:`), 'MISSING_KEY 4:5'],
  [
    'the address of a checksum',
    one(`    url: ${URL_12}\n    checksum: sha256:https://a.test/SUMS`),
    'INVALID_CHECKSUM 4:15',
  ],
  ['md5', one(`    url: ${URL_12}\n    checksum: md5:${'a'.repeat(32)}`), 'INVALID_CHECKSUM 4:15'],
  [
    'a checksum that is cut',
    one(`    url: ${URL_12}\n    checksum: sha512:${'a'.repeat(64)}`),
    'INVALID_CHECKSUM 4:15',
  ],
  ['no url', one(`    checksum: ${sum('a')}`), 'MISSING_KEY 2:3'],
  ['a number as url', one(`    url: 12\n    checksum: ${sum('a')}`), 'WRONG_TYPE 3:10'],
  [
    'an account in the url',
    one(`    url: https://u:p@a.test/x.qcow2\n    checksum: ${sum('a')}`),
    'INVALID_URL 3:10',
  ],
  [
    'another protocol',
    one(`    url: ftp://a.test/x.qcow2\n    checksum: ${sum('a')}`),
    'INVALID_URL 3:10',
  ],
  ...['tar.gz', 'qcow2.gz', 'tar.xz', 'raw.zst', 'zip', 'ova'].map(
    (end): [string, string, string] => [
      end,
      one(`    url: https://a.test/debian-12.${end}\n    checksum: ${sum('a')}`),
      'URL_OTHER_PACKING 3:10',
    ],
  ),
  ...['iso', 'vhdx', 'exe', 'iso.xz'].map((end): [string, string, string] => [
    end,
    one(`    url: https://a.test/debian-12.${end}\n    checksum: ${sum('a')}`),
    'URL_OTHER_FORMAT 3:10',
  ]),
  ['an image without keys', 'images:\n  amazon-linux-2:\n', 'MISSING_KEY 2:3'],
  [
    'a name that no repository has',
    `images:\n  Debian_:\n    url: ${URL_12}\n    checksum: ${sum('a')}`,
    'INVALID_NAME 2:3',
  ],
  [
    'a key twice',
    one(`    url: ${URL_12}\n    url: ${URL_12}\n    checksum: ${sum('a')}`),
    'YAML_SYNTAX 4:5',
  ],
  [
    'all at once',
    `images:\n  a-1: {url: "{{ a }}", checksum: 1}\n  a-1: {}\n  b-2: {url: https://a.test/b-2.gz}`,
    'YAML_SYNTAX 3:3',
    'MISSING_KEY 3:3',
    'MISSING_KEY 3:3',
    'URL_OTHER_PACKING 4:14',
    'MISSING_KEY 4:3',
  ],
  [
    'one checksum for two files',
    listText([
      { key: 'debian-12', url: URL_12, checksum: sum('a') },
      { key: 'debian-13', url: URL_12.replaceAll('12', '13'), checksum: sum('a') },
    ]),
    'CHECKSUM_OF_OTHER_URL 19:15',
  ],
  ['no images', 'images: {}\n', 'LIST_EMPTY 1:9'],
  ['another file', 'defaults: 1\n', 'LIST_EMPTY 1:1'],
  ['an empty file', '', 'LIST_EMPTY 1:1'],
  ['no YAML', 'images: [', 'YAML_SYNTAX 1:10'],
])('%s is a problem at its place', (_, text, ...problems) => {
  expect(found(text)).toEqual(problems);
});

test('a key that is left out is not looked at', () => {
  expect(found(one('    url: 1\n'), ['debian-12'])).toEqual([]);
});

test('a checksum in capitals is the same', () => {
  const text = one(`    url: ${URL_12}\n    checksum: SHA256:${'A'.repeat(64)}`);
  expect(parseKubesprayList(text, FILE).disks[0]?.checksum).toBe(sum('a'));
});

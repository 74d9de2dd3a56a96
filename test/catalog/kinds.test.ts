import { describe, expect, test } from 'vitest';
import { platformRule } from '../../src/catalog/value-rules.ts';
import {
  briefly,
  builtImagesOf,
  CATALOG,
  catalogOf,
  CHECKOUT,
  DIGEST,
  imagesOf,
  problemsOf,
} from './checkout.ts';

const BASE = `docker.io/library/debian:12@${DIGEST}`;
const SUM = `sha256:${'b'.repeat(64)}`;
const URL_12 = 'https://images.example/debian/12/disk-12.qcow2';
const CONTAINER = `{ distribution: debian, version: "12", base: ${BASE} }`;
const DISK = `{ kind: vm-disk, distribution: debian, version: "12", url: ${URL_12}, checksum: ${SUM} }`;
const BARE_DISK = DISK.replace('kind: vm-disk, ', '');

function foundIn(text: string): readonly string[] {
  return problemsOf(catalogOf(text)).map(({ code, path }) => `${code} ${path}`);
}

test('a VM disk is a URL and a checksum; by default it is qcow2, unpacked and not enlarged', () => {
  expect(imagesOf(catalogOf(`images: [${DISK}]`))).toEqual([
    {
      kind: 'vm-disk',
      name: 'vm-debian-12',
      distribution: 'debian',
      version: '12',
      sources: { 'linux/amd64': { url: URL_12, checksum: SUM, format: 'qcow2' } },
      enlargeBy: 0,
      context: 'config/contexts/vm-disk',
      dockerfile: 'config/contexts/vm-disk/Dockerfile',
      args: {},
      platforms: ['linux/amd64'],
    },
  ]);
});

test('versions of a VM disk share packing and format, and differ in URL and checksum', () => {
  const [, , , focal, fedora41, fedora42] = imagesOf(CHECKOUT);
  expect(focal).toMatchObject({ name: 'vm-ubuntu-2004', enlargeBy: 8 * 1024 ** 3 });
  expect(fedora41).toMatchObject({
    name: 'vm-fedora-41',
    sources: {
      'linux/amd64': { packing: 'xz', format: 'raw', checksum: `sha512:${'c'.repeat(128)}` },
    },
  });
  expect(fedora42).toMatchObject({ name: 'vm-fedora-next', version: '42' });
});

describe('images for several platforms', () => {
  const both = 'platforms: [linux/amd64, linux/arm64]';
  const context = 'context: contexts/apt';
  const disks = (amd64: string, arm64: string) =>
    DISK.replace(/url: .*/, `disks: { linux/amd64: ${amd64}, linux/arm64: ${arm64} } }`);
  const one = `{ url: ${URL_12}, checksum: ${SUM} }`;
  const other = one.replace('disk-12', 'disk-12-arm64').replace(SUM, SUM.replaceAll('b', 'c'));

  test.each([
    ['the list', `defaults: { ${context} }`, both, ['linux/amd64', 'linux/arm64']],
    [
      'the list of the defaults',
      `defaults: { ${context}, ${both} }`,
      '',
      ['linux/amd64', 'linux/arm64'],
    ],
    ['its own platform', `defaults: { ${context}, ${both} }`, 'platform: linux/386', ['linux/386']],
  ])('a container has those of %s', (_, defaults, own, platforms) => {
    const container = CONTAINER.replace('}', own === '' ? '}' : `, ${own} }`);
    const [image] = imagesOf(catalogOf(`${defaults}\nimages: [${container}]`));
    expect(image?.platforms).toEqual(platforms);
  });

  test('a VM disk has a disk for each of them, also as an item of versions', () => {
    const single = disks(one, other);
    const item = single.replace('kind: vm-disk, distribution: debian, ', '');
    const matrix = `{ kind: vm-disk, distribution: debian, versions: [${item}] }`;
    for (const entry of [single, matrix]) {
      const [image] = imagesOf(catalogOf(`defaults: { platform: linux/386 }\nimages: [${entry}]`));
      expect(image).toMatchObject({
        platforms: ['linux/amd64', 'linux/arm64'],
        sources: {
          'linux/amd64': { url: URL_12, checksum: SUM, format: 'qcow2' },
          'linux/arm64': { url: URL_12.replace('disk-12', 'disk-12-arm64') },
        },
      });
    }
  });

  test.each<[string, readonly string[]]>([
    [
      CONTAINER.replace('}', `, ${both}, platform: linux/amd64 }`),
      ['DUPLICATE_PLATFORM images[0].platform'],
    ],
    [
      CONTAINER.replace('}', ', platforms: [linux/386, linux/386] }'),
      ['DUPLICATE_PLATFORM images[0].platforms'],
    ],
    [CONTAINER.replace('}', ', platforms: [] }'), ['WRONG_TYPE images[0].platforms']],
    [CONTAINER.replace('}', ', platforms: [amd64] }'), ['UNKNOWN_PLATFORM images[0].platforms[0]']],
    [CONTAINER.replace('}', ', disks: {} }'), ['KEY_OF_OTHER_KIND images[0].disks']],
    [DISK.replace('}', `, ${both} }`), ['UNKNOWN_KEY images[0].platforms']],
    [
      DISK.replace('}', `, disks: { linux/arm64: ${other} } }`),
      ['UNKNOWN_KEY images[0].checksum', 'UNKNOWN_KEY images[0].url'],
    ],
    [DISK.replace(/url: .*/, 'disks: {} }'), ['MISSING_KEY images[0].disks']],
    [disks(one, `{ url: ${URL_12} }`), ['MISSING_KEY images[0].disks["linux/arm64"].checksum']],
    [disks(one, other).replace('linux/arm64', 'arm64'), ['UNKNOWN_PLATFORM images[0].disks.arm64']],
    [
      disks(one.replace('debian/12', 'debian/latest'), other.replace('sha256:', 'sha256')),
      [
        'INVALID_CHECKSUM images[0].disks["linux/arm64"].checksum',
        'MOVING_URL images[0].disks["linux/amd64"].url',
      ],
    ],
    [
      disks(one, one.replace('disk-12', 'disk-12-arm64')),
      ['CHECKSUM_OF_OTHER_URL images[0].disks["linux/arm64"].checksum'],
    ],
  ])('%s has %s', (entry, problems) => {
    expect(foundIn(`defaults: { ${context} }\nimages: [${entry}]`).toSorted()).toEqual(problems);
  });
});

test('a VM disk and the container of the same version have different names', () => {
  const text = `defaults: { context: contexts/apt }\nimages: [${CONTAINER}, ${DISK}]`;
  expect(imagesOf(catalogOf(text)).map(({ name }) => name)).toEqual(['debian-12', 'vm-debian-12']);
});

describe('the defaults', () => {
  test('give their recipe to images of their own kind, and other keys to each kind that has them', () => {
    const defaults =
      'context: contexts/apt, args: { A: b }, platform: linux/arm64, snapshot: 2026-11-01, enlargeBy: 8G, verify: ["true"], verifyPrivileged: true';
    const verified = CONTAINER.replace('"12"', '"13", verify: [a -b, c], verifyPrivileged: false');
    const [container, other, disk] = imagesOf(
      catalogOf(`defaults: { ${defaults} }\nimages: [${CONTAINER}, ${verified}, ${DISK}]`),
    );
    const recipe = { context: 'contexts/apt', args: { A: 'b' }, platforms: ['linux/arm64'] };
    expect(container).toMatchObject({
      ...recipe,
      snapshot: '2026-11-01',
      verify: ['true'],
      verifyPrivileged: true,
    });
    expect(container).not.toHaveProperty('enlargeBy');
    expect(other).toMatchObject({ ...recipe, verify: ['a -b', 'c'], verifyPrivileged: false });
    const own = { context: 'config/contexts/vm-disk', args: {}, platforms: ['linux/arm64'] };
    expect(disk).toMatchObject({ ...own, enlargeBy: 8 * 1024 ** 3 });
    expect(disk).not.toHaveProperty('snapshot');
  });

  test('declare the kind of images that declare none', () => {
    const container = CONTAINER.replace('{', '{ kind: container, context: contexts/apt,');
    const files = {
      ...catalogOf(
        `defaults: { kind: vm-disk, context: contexts/disk }\nimages: [${BARE_DISK}, ${container}]`,
      ),
      'contexts/disk/Dockerfile': CHECKOUT['config/contexts/vm-disk/Dockerfile'] ?? '',
    };
    expect(builtImagesOf(files).map(({ kind, context }) => `${kind} ${context}`)).toEqual([
      'vm-disk contexts/disk',
      'container contexts/apt',
    ]);
  });
});

test.each([
  [
    'defaults of an unknown kind leave the kind of images open',
    `defaults: { kind: vm }\nimages: [${BARE_DISK}, ${CONTAINER}]`,
    ['UNKNOWN_KIND defaults.kind'],
  ],
  [
    'a forgotten kind is reported without the keys that are missing from the wrong kind',
    `images: [${DISK.replace('kind: vm-disk', 'context: contexts/apt')}]`,
    ['KEY_OF_OTHER_KIND images[0].url', 'KEY_OF_OTHER_KIND images[0].checksum'],
  ],
  [
    'a key of another kind does not hide other missing keys',
    `images: [${DISK.replace('version: "12"', `base: ${BASE}`).replace(`, checksum: ${SUM}`, '')}]`,
    ['MISSING_KEY images[0].version', 'KEY_OF_OTHER_KIND images[0].base'],
  ],
  [
    'a key of a version can not stand beside versions',
    `images: [{ kind: vm-disk, distribution: a, url: ${URL_12}, versions: [${BARE_DISK.replace('distribution: debian, ', '')}] }]`,
    ['UNKNOWN_KEY images[0].url'],
  ],
])('%s', (_, text, problems) => {
  expect(foundIn(text)).toEqual(problems);
});

test('all problems of a VM disk are reported at once', () => {
  const text = `
images:
  - kind: vm-disk
    distribution: ubuntu
    version: "24.04"
    url: https://images.example/jammy/current/jammy.img.xz
    checksum: sha1:0123
    format: qcow
    enlargeBy: 8
`;
  expect(problemsOf(catalogOf(text)).map(briefly).sort()).toEqual([
    `INVALID_CHECKSUM images[0].checksum ${CATALOG}:7:15`,
    `MOVING_URL images[0].url ${CATALOG}:6:10`,
    `UNKNOWN_FORMAT images[0].format ${CATALOG}:8:13`,
    `UNQUOTED_VALUE images[0].enlargeBy ${CATALOG}:9:16`,
    `URL_OTHER_PACKING images[0].url ${CATALOG}:6:10`,
    `URL_OTHER_VERSION images[0].url ${CATALOG}:6:10`,
  ]);
});

test.each([
  ['kind: vm-disk', 'kind: vm-disc', 'vm-disk'],
  ['kind: vm-disk', 'context: contexts/apt', 'kind: vm-disk'],
  ['version: "12"', 'versions: []', 'item of versions'],
  [SUM, SUM.slice('sha256:'.length), SUM],
  [SUM, SUM.toUpperCase(), SUM],
  ['debian/12/', 'debian/current-12/', 'bookworm/20230612-1409'],
  ['12.qcow2', '12.qcow2.xz', 'packing: xz'],
  ['12.qcow2', '12.raw', 'format: raw'],
  ['checksum:', 'format: vhd, checksum:', 'vpc'],
])('with %s → %s a remedy says %s', (from, to, remedy) => {
  const problems = problemsOf(catalogOf(`images: [${DISK.replace(from, to)}]`));
  expect(problems.map((each) => each.remedy).join('\n')).toContain(remedy);
});

test.each([
  ['ulr', 'did you mean url?'],
  ['packing', 'the known keys are url, checksum'],
  ['platform', 'the known keys are url, checksum'],
])('of the key %s in one of several disks the remedy says: %s', (key, remedy) => {
  const disks = `disks: { linux/amd64: { url: ${URL_12}, checksum: ${SUM}, ${key}: xz } } }`;
  const problems = problemsOf(catalogOf(`images: [${DISK.replace(/url: .*/, disks)}]`));
  expect(problems).toMatchObject([
    { code: 'UNKNOWN_KEY', path: `images[0].disks["linux/amd64"].${key}`, remedy },
  ]);
});

test('a password in a URL is not printed', () => {
  const text = `images: [${DISK.replace('https://', 'https://me:hunter2@')}]`;
  expect(JSON.stringify(problemsOf(catalogOf(text)))).not.toContain('hunter2');
});

test.each([
  ['linux/arm64/v8', 'linux/arm64'],
  ['arm64/v8', 'linux/arm64'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/aarch64', 'linux/arm64'],
  ['aarch64', 'linux/arm64'],
  ['x86_64', 'linux/amd64'],
  ['i386', 'linux/386'],
  ['armhf', 'linux/arm/v7'],
])('the platform %s is called %s', (written, name) => {
  expect(platformRule(written)?.remedy).toBe(`did you mean ${name}?`);
});

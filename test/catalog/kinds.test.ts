import { describe, expect, test } from 'vitest';
import { briefly, CATALOG, catalogOf, CHECKOUT, DIGEST, imagesOf, problemsOf } from './checkout.ts';

const BASE = `docker.io/library/debian:12@${DIGEST}`;
const SUM = `sha256:${'b'.repeat(64)}`;
const URL_12 = 'https://images.example/debian/12/disk-12.qcow2';
const CONTAINER = `{ distribution: debian, version: "12", base: ${BASE} }`;
const DISK = `{ kind: vm-disk, distribution: debian, version: "12", url: ${URL_12}, checksum: ${SUM} }`;

function only<T>(items: readonly T[]): T {
  const [one, ...more] = items;
  if (one === undefined || more.length > 0) throw new Error(`${items.length} of them`);
  return one;
}

function told(text: string): readonly string[] {
  return problemsOf(catalogOf(text)).map(({ code, path }) => `${code} ${path}`);
}

test('a VM disk is a URL and a checksum, and qcow2, unpacked and as large as it is if it says no more', () => {
  expect(only(imagesOf(catalogOf(`images: [${DISK}]`)))).toEqual({
    kind: 'vm-disk',
    name: 'vm-debian-12',
    distribution: 'debian',
    version: '12',
    source: { url: URL_12, checksum: SUM, format: 'qcow2' },
    enlargeBy: 0,
    context: 'config/contexts/vm-disk',
    dockerfile: 'config/contexts/vm-disk/Dockerfile',
    args: {},
    platform: 'linux/amd64',
  });
});

test('a container declares the commands by which it is verified, or the defaults do for all', () => {
  const [debian, ubuntu] = imagesOf({
    ...catalogOf(
      `defaults: { context: contexts/apt, verify: ["true"] }\nimages: [${CONTAINER}, ${CONTAINER.replace('"12"', '"13", verify: [a -b, c]')}]`,
    ),
  });
  expect(debian).toMatchObject({ verify: ['true'] });
  expect(ubuntu).toMatchObject({ verify: ['a -b', 'c'] });
});

test('versions of a VM disk share how they are packed, and differ in URL and checksum', () => {
  const [, , , focal, fedora41, fedora42] = imagesOf(CHECKOUT);
  expect(focal).toMatchObject({ name: 'vm-ubuntu-2004', enlargeBy: 8 * 1024 ** 3 });
  expect(fedora41).toMatchObject({
    name: 'vm-fedora-41',
    source: { packing: 'xz', format: 'raw', checksum: `sha512:${'c'.repeat(128)}` },
  });
  expect(fedora42).toMatchObject({ name: 'vm-fedora-next', version: '42' });
});

describe('the name of a VM disk is what Kubespray makes of its key', () => {
  test.each([
    ['ubuntu', '24.04', 'vm-ubuntu-2404'],
    ['rockylinux', '9', 'vm-rockylinux-9'],
    ['openeuler', '22.03', 'vm-openeuler-2203'],
  ])('%s %s is %s', (distribution, version, name) => {
    const url = `https://images.example/${version}/disk.qcow2`;
    const entry = `{ kind: vm-disk, distribution: ${distribution}, version: "${version}", url: ${url}, checksum: ${SUM} }`;
    expect(only(imagesOf(catalogOf(`images: [${entry}]`))).name).toBe(name);
  });

  test('and so it is never that of the container of the same version', () => {
    const text = `defaults: { context: contexts/apt }\nimages: [${CONTAINER}, ${DISK}]`;
    expect(imagesOf(catalogOf(text)).map(({ name }) => name)).toEqual([
      'debian-12',
      'vm-debian-12',
    ]);
  });
});

describe('the defaults', () => {
  test('give their recipe to images of their own kind, and all else to any that can have it', () => {
    const defaults =
      'context: contexts/apt, args: { A: b }, platform: linux/arm64, snapshot: 2026-11-01, enlargeBy: 8G';
    const [container, disk] = imagesOf(
      catalogOf(`defaults: { ${defaults} }\nimages: [${CONTAINER}, ${DISK}]`),
    );
    expect(container).toMatchObject({
      ...{ context: 'contexts/apt', args: { A: 'b' } },
      ...{ platform: 'linux/arm64', snapshot: '2026-11-01' },
    });
    expect(container).not.toHaveProperty('enlargeBy');
    expect(disk).toMatchObject({
      ...{ context: 'config/contexts/vm-disk', args: {} },
      ...{ platform: 'linux/arm64', enlargeBy: 8 * 1024 ** 3 },
    });
    expect(disk).not.toHaveProperty('snapshot');
  });

  test('may say the kind, and an image may say another', () => {
    const disk = DISK.replace('kind: vm-disk, ', '');
    const container = CONTAINER.replace('{', '{ kind: container, context: contexts/apt,');
    const defaults = 'kind: vm-disk, context: contexts/disk';
    const files = {
      ...catalogOf(`defaults: { ${defaults} }\nimages: [${disk}, ${container}]`),
      'contexts/disk/Dockerfile': CHECKOUT['config/contexts/vm-disk/Dockerfile'] ?? '',
    };
    expect(imagesOf(files).map(({ kind, context }) => `${kind} ${context}`)).toEqual([
      'vm-disk contexts/disk',
      'container contexts/apt',
    ]);
  });

  test('of a kind that is none leave open what an image is, and nothing else is reported of it', () => {
    const disk = DISK.replace('kind: vm-disk, ', '');
    expect(told(`defaults: { kind: vm }\nimages: [${disk}, ${CONTAINER}]`)).toEqual([
      'UNKNOWN_KIND defaults.kind',
    ]);
  });
});

describe('a key of the other kind', () => {
  test('is reported once for a forgotten kind, without what would be missing from the wrong one', () => {
    const disk = DISK.replace('kind: vm-disk', 'context: contexts/apt');
    expect(told(`images: [${disk}]`)).toEqual([
      'KEY_OF_OTHER_KIND images[0].url',
      'KEY_OF_OTHER_KIND images[0].checksum',
    ]);
    const [problem] = problemsOf(catalogOf(`images: [${disk}]`));
    expect(problem?.remedy).toContain('kind: vm-disk');
  });

  test('does not hide what else is missing', () => {
    const disk = DISK.replace('version: "12"', `base: ${BASE}`).replace(`, checksum: ${SUM}`, '');
    expect(told(`images: [${disk}]`)).toEqual([
      'MISSING_KEY images[0].version',
      'KEY_OF_OTHER_KIND images[0].base',
    ]);
  });

  test('can not stand beside versions either', () => {
    const text = `images: [{ kind: vm-disk, distribution: a, url: ${URL_12}, versions: [{ version: "12", checksum: ${SUM}, url: ${URL_12} }] }]`;
    expect(told(text)).toEqual(['UNKNOWN_KEY images[0].url']);
    const [problem] = problemsOf(catalogOf(text));
    expect(problem?.remedy).toContain('item of versions');
  });
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

test('remedies say what to write', () => {
  const remedyOf = (from: string, to: string) =>
    problemsOf(catalogOf(`images: [${DISK.replace(from, to)}]`))[0]?.remedy;
  expect(remedyOf('kind: vm-disk', 'kind: vm-disc')).toContain('vm-disk');
  expect(remedyOf(SUM, SUM.slice('sha256:'.length))).toContain(SUM);
  expect(remedyOf(SUM, SUM.toUpperCase())).toContain(SUM);
  expect(remedyOf('debian/12/', 'debian/current-12/')).toContain('bookworm/20230612-1409');
  expect(remedyOf('12.qcow2', '12.qcow2.xz')).toContain('packing: xz');
  expect(remedyOf('12.qcow2', '12.raw')).toContain('format: raw');
  expect(remedyOf('checksum:', 'format: vhd, checksum:')).toContain('vpc');
});

test('a password in a URL is not printed', () => {
  const text = `images: [${DISK.replace('https://', 'https://me:hunter2@')}]`;
  expect(JSON.stringify(problemsOf(catalogOf(text)))).not.toContain('hunter2');
});

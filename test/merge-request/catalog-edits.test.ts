import { describe, expect, test } from 'vitest';
import { catalogEdits } from '../../src/merge-request/catalog-edits.ts';

const [A, B] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];
const DEBIAN = 'docker.io/library/debian:12';
const FILE = 'config/images.yml';

/** Two images with one base, and the snapshot of the defaults. */
const catalog = (base: string, snapshot = '2026-01-01') => `defaults:
  context: ctx
  platform: linux/amd64
  snapshot: ${snapshot} # day
images:
  - distribution: debian
    version: '12'
    base: &twelve "${base}"
  - name: other
    distribution: debian
    version: '12'
    base: *twelve
`;

describe('what a refresh has done is', () => {
  test('each value that differs, once, with old, new and the images that have it', () => {
    const before = catalog(`${DEBIAN}@${A}`);
    const edits = catalogEdits(FILE, before, catalog(`${DEBIAN}@${B}`, '2026-02-01'));
    const images = ['debian-12', 'other'];
    expect(edits).toMatchObject([
      { kind: 'snapshot', images, from: '2026-01-01', to: '2026-02-01', written: { line: 4 } },
      { kind: 'base', images, from: A, to: B, written: { line: 8, path: 'images[0].base' } },
    ]);
  });

  test('the first pin of a base', () => {
    const [edit] = catalogEdits(FILE, catalog(DEBIAN), catalog(`${DEBIAN}@${B}`));
    expect(edit).toMatchObject({ kind: 'base', to: B });
    expect(edit?.from).toBeUndefined();
  });

  test('the new digest of what is copied, under the same tag only', () => {
    const copy = (from: string) =>
      `images: [{ kind: copy, distribution: ci, version: v13, from: "${from}" }]\n`;
    const node = 'quay.io/kubespray/vm-ci:v13';
    expect(catalogEdits(FILE, copy(`${node}@${A}`), copy(`${node}@${B}`))).toMatchObject([
      { kind: 'from', images: ['ci-v13'], from: A, to: B, written: { path: 'images[0].from' } },
    ]);
    const moved = copy(`${node.replace('v13', 'v14')}@${B}`);
    expect(() => catalogEdits(FILE, copy(`${node}@${A}`), moved)).toThrow(/NOT_A_REFRESH/);
  });

  test('found behind a byte order mark too', () => {
    const [before, after] = [A, B].map((digest) => `\uFEFF${catalog(`${DEBIAN}@${digest}`)}`);
    expect(catalogEdits(FILE, before ?? '', after ?? '')).toHaveLength(1);
  });
});

const sums = ['a', 'b'].map((letter) => `sha512:${letter.repeat(128)}`) as [string, string];
const disks = (build: string, checksum: string, codename = 'bookworm') => `images:
  - kind: vm-disk
    distribution: debian
    version: '12'
    url: https://a.test/${codename}/${build}/debian-12-generic-amd64-${build}.qcow2
    checksum: ${checksum}
`;

const fedora = (release: string, checksum: string) =>
  disks('x', checksum)
    .replace('debian\n', 'fedora\n')
    .replace("'12'", "'42'")
    .replace(/url: .*/, `url: https://a.test/releases/${release}/Fedora-${release}-1.1.qcow2`);

describe('of a VM disk, what a refresh has done is', () => {
  const before = disks('20240101-1', sums[0]);

  test('another build and its checksum', () => {
    expect(catalogEdits(FILE, before, disks('20250101-22', sums[1]))).toMatchObject([
      { kind: 'url', images: ['vm-debian-12'], written: { line: 5 } },
      { kind: 'checksum', from: sums[0], to: sums[1], written: { line: 6 } },
    ]);
  });

  const ubuntu = (path: string, checksum: string) =>
    disks('x', checksum)
      .replace('debian\n', 'ubuntu\n')
      .replace("'12'", "'24.04'")
      .replace(/url: .*/, `url: https://a.test/${path}.img`);
  const daily = ubuntu('noble/20260323/noble-server-cloudimg-amd64', sums[0]);
  const RELEASE = 'releases/noble/release-20260826/ubuntu-24.04-server-cloudimg-amd64';

  test('the release in place of a daily build of Ubuntu', () => {
    const edits = catalogEdits(FILE, daily, ubuntu(RELEASE, sums[1]));
    expect(edits.map(({ kind }) => kind)).toEqual(['url', 'checksum']);
  });

  test.each<[string, string, string?]>([
    ['a daily build in place of a release', daily, ubuntu(RELEASE, sums[1])],
    ['another flavour of a release', ubuntu(`${RELEASE}-disk-kvm`, sums[1]), daily],
    ['a URL without its checksum', disks('20250101-22', sums[0])],
    ['a checksum without its URL', disks('20240101-1', sums[1])],
    ['another host', disks('20250101-22', sums[1]).replace('a.test', 'b.test')],
    ['another release', disks('20250101-22', sums[1], 'trixie')],
    ['another flavour', disks('20250101-22', sums[1]).replace('generic', 'nocloud')],
    [
      'another version, though it has the same letters',
      fedora('43', sums[1]),
      fedora('42', sums[0]),
    ],
  ])('never %s', (_, after, old = before) => {
    expect(() => catalogEdits(FILE, old, after)).toThrow('NOT_A_REFRESH');
  });
});

describe('not what a refresh does is', () => {
  const before = catalog(`${DEBIAN}@${A}`);
  const refreshed = catalog(`${DEBIAN}@${B}`);
  test.each([
    ['a comment', refreshed.replace('# day', '# date'), 4],
    ['another tag', refreshed.replace('debian:12', 'debian:13'), 8],
    ['a pin that is gone', catalog(DEBIAN), 8],
    ['another value', refreshed.replace('linux/amd64', 'linux/arm64'), 3],
    ['one image more', refreshed + refreshed.slice(refreshed.indexOf('  - name')), 13],
    ['an end that is cut off', refreshed.slice(0, refreshed.indexOf('  - name')), 9],
    ['another style', refreshed.replaceAll('"', "'"), 8],
    ['a byte order mark', `\uFEFF${refreshed}`, 1],
  ])('%s: refused with the line', (_, after, line) => {
    const place = new RegExp(`^${FILE}:${line}  NOT_A_REFRESH`);
    expect(() => catalogEdits(FILE, before, after)).toThrow(place);
  });
});

import { DIGEST, DISK, edited } from './checkout.ts';
import { inCatalog, expected, type ExpectedProblem } from './expected-problem.ts';

const [SUM_B, SUM_C, SUM_D] = ['b', 'c', 'd'].map((digit) =>
  digit.repeat(digit === 'b' ? 64 : 128),
);
const FOCAL = 'focal/20250101/focal-server-amd64.img';
const FEDORA = 'fedora/41/Fedora-41-1.4.x86_64.raw.xz';

/** Mistakes with kinds and VM disks, each one edit away from the valid checkout. */
export const DISK_PROBLEMS: readonly ExpectedProblem[] = [
  inCatalog(
    'UNKNOWN_KIND',
    'kind: vm-disk\n    distribution: ubuntu',
    'kind: vmdisk\n    distribution: ubuntu',
    'images[2].kind 24:11',
  ),
  inCatalog('UNKNOWN_KIND', 'defaults:\n', 'defaults:\n  kind: disk\n', 'defaults.kind 2:9'),
  inCatalog(
    'KEY_OF_OTHER_KIND',
    'enlargeBy: 8G',
    'snapshot: 2026-11-02',
    'images[2].snapshot 29:5',
  ),
  inCatalog(
    'KEY_OF_OTHER_KIND',
    'name: vm-fedora-next',
    `base: docker.io/library/debian:1@${DIGEST}`,
    'images[3].versions[1].base 42:9',
  ),
  inCatalog('KEY_OF_OTHER_KIND', 'target: node', 'enlargeBy: 8G', 'images[1].enlargeBy 15:5'),
  inCatalog('INVALID_URL', `https://images.example/${FOCAL}`, FOCAL, 'images[2].url 27:10'),
  inCatalog(
    'INVALID_URL',
    `https://images.example/${FOCAL}`,
    `ftp://images.example/${FOCAL}`,
    'images[2].url 27:10',
  ),
  inCatalog(
    'INVALID_URL',
    `images.example/${FOCAL}`,
    `me:secret@images.example/${FOCAL}`,
    'images[2].url 27:10',
  ),
  inCatalog(
    'INVALID_URL',
    `images.example/${FOCAL}`,
    `me@images.example/${FOCAL}`,
    'images[2].url 27:10',
  ),
  inCatalog('INVALID_URL', 'focal-server-amd64.img', '', 'images[2].url 27:10'),
  inCatalog('INVALID_URL', 'focal-server-amd64.img', 'index.html#focal', 'images[2].url 27:10'),
  inCatalog('INVALID_CHECKSUM', `sha256:${SUM_B}`, String(SUM_B), 'images[2].checksum 28:15'),
  inCatalog('INVALID_CHECKSUM', `sha256:${SUM_B}`, '"sha256:"', 'images[2].checksum 28:15'),
  inCatalog('INVALID_CHECKSUM', `sha256:${SUM_B}`, `sha512:${SUM_B}`, 'images[2].checksum 28:15'),
  inCatalog('UNKNOWN_PACKING', 'packing: xz', 'packing: gz', 'images[3].packing 34:14'),
  inCatalog('UNKNOWN_FORMAT', 'format: raw', 'format: vhd', 'images[3].format 33:13'),
  inCatalog('INVALID_SIZE', 'enlargeBy: 8G', 'enlargeBy: 8GB', 'images[2].enlargeBy 29:16'),
  inCatalog('INVALID_SIZE', 'enlargeBy: 8G', 'enlargeBy: 1.5G', 'images[2].enlargeBy 29:16'),

  inCatalog('MOVING_URL', 'focal/20250101', 'focal/current', 'images[2].url 27:10'),
  inCatalog('MOVING_URL', 'focal/20250101', 'focal/current-20.04', 'images[2].url 27:10'),
  inCatalog(
    'MOVING_URL',
    'focal-server-amd64',
    'focal-server-latest.x86_64',
    'images[2].url 27:10',
  ),
  inCatalog(
    'URL_OTHER_PACKING',
    '    packing: xz\n',
    '',
    'images[3].versions[0].url 36:14',
    'images[3].versions[1].url 39:14',
  ),
  inCatalog('URL_OTHER_PACKING', 'enlargeBy: 8G', 'packing: xz', 'images[2].packing 29:14'),
  inCatalog('URL_OTHER_PACKING', 'focal-server-amd64.img', 'focal.img.gz', 'images[2].url 27:10'),
  inCatalog('URL_OTHER_FORMAT', 'focal-server-amd64.img', 'focal.vmdk', 'images[2].url 27:10'),
  inCatalog(
    'URL_OTHER_FORMAT',
    '41-1.4.x86_64.raw.xz',
    '41-1.4.x86_64.qcow2.xz',
    'images[3].versions[0].url 37:14',
  ),
  inCatalog('URL_OTHER_VERSION', FOCAL, FOCAL.replaceAll('focal', 'jammy'), 'images[2].url 27:10'),
  inCatalog(
    'URL_OTHER_VERSION',
    FEDORA,
    FEDORA.replaceAll('41', '40'),
    'images[3].versions[0].url 37:14',
  ),
  inCatalog(
    'URL_OTHER_VERSION',
    'vm-fedora-next',
    'vm-fedora-40',
    'images[3].versions[1].name 42:15',
  ),
  inCatalog(
    'CHECKSUM_OF_OTHER_URL',
    String(SUM_D),
    String(SUM_C),
    'images[3].versions[1].checksum 41:19',
  ),
  inCatalog(
    'URL_OF_OTHER_CHECKSUM',
    'version: "42"\n        url: https://images.example/fedora/42/Fedora-42-1.1',
    'version: "41"\n        url: https://images.example/fedora/41/Fedora-41-1.4',
    'images[3].versions[1].checksum 41:19',
  ),
  expected('DOCKERFILE_FROM', edited(DISK, 'FROM scratch', 'ARG BASE\nFROM $BASE'), `${DISK}:2:6`),
  expected('DOCKERFILE_LABELS', edited(DISK, '="${SOURCE}"', '="x"'), `${DISK}:9:7`),
];

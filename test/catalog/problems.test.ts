import { describe, expect, test } from 'vitest';
import { CATALOG_PROBLEM_CODES, type CatalogProblemCode } from '../../src/catalog/problem-code.ts';
import { APT, briefly, CATALOG, CHECKOUT, DIGEST, DISK, edited } from './checkout.ts';
import { problemsOf, STAGES, type Files } from './checkout.ts';

const SUM_B = 'b'.repeat(64);
const FOCAL = 'focal/20250101/focal-server-amd64.img';
const FEDORA = 'fedora/41/Fedora-41-1.4.x86_64.raw.xz';
const HOST = 'images.example';

/** Edits of the catalog in the valid checkout, by the location of the problem that each makes. */
const IN_CATALOG: Readonly<
  Record<string, readonly [CatalogProblemCode, from: string, to: string][]>
> = {
  '1:1': [['YAML_SYNTAX', 'defaults:', '%YAML 1.1\n---\ndefaults:']],
  '5:1': [['YAML_SYNTAX', '\nimages:', '---\nimages:']],
  '8:14': [['YAML_SYNTAX', '"12"', '!version "12"']],
  '8:17': [['YAML_SYNTAX', '"12"', '"12']],
  'defaults.args.MIRROR 3:19': [['UNQUOTED_VALUE', 'mirror.example', 'true']],
  'defaults.context 2:12': [
    ['CONTEXT_OUTSIDE', 'contexts/apt', '/contexts/apt'],
    ['CONTEXT_OUTSIDE', 'contexts/apt', 'x/../contexts/apt'],
    ['CONTEXT_MISSING', 'contexts/apt', 'contexts/atp'],
    ['CONTEXT_MISSING', 'contexts/apt', APT],
  ],
  'defaults.kind 2:9': [['UNKNOWN_KIND', 'defaults:\n', 'defaults:\n  kind: disk\n']],
  'defaults.snapshot 4:13': [
    ['INVALID_SNAPSHOT', '2026-11-01', '2026-02-30'],
    ['INVALID_SNAPSHOT', '2026-11-01', '2026-11-01T00:00'],
  ],
  'defaults.snapshotMaxAge 5:19': [
    ['INVALID_MAX_AGE', '2026-11-01', '2026-11-01\n  snapshotMaxAge: 0d'],
  ],
  'owner 6:1': [['UNKNOWN_KEY', '\nimages:', '\nowner: me\nimages:']],

  'images[0].base 9:11': [
    ['INVALID_BASE', 'docker.io/library/debian:12', 'debian:12'],
    ['INVALID_BASE', 'library/debian:12', 'debian:12'],
    ['UNPINNED_BASE', `@${DIGEST}\n    platform: linux/arm64`, ''],
  ],
  'images[0].context 6:5': [['MISSING_KEY', '  context: contexts/apt\n', '']],
  'images[0].platfrom 10:5': [['UNKNOWN_KEY', 'platform:', 'platfrom:']],
  'images[0].platform 10:15': [['UNKNOWN_PLATFORM', 'linux/arm64', 'arm64']],
  'images[0].platforms 10:16': [
    ['DUPLICATE_PLATFORM', 'platform: linux/arm64', 'platforms: [linux/386, linux/386]'],
  ],
  'images[0].adopt 10:12': [['INVALID_DIGEST', 'platform: linux/arm64', 'adopt: latest']],
  'images[0].version 7:5': [['MISSING_KEY', '    version: "12"\n', '']],
  'images[0].version 8:14': [
    ['YAML_ALIASES', '"12"', '*nothing'],
    ['WRONG_TYPE', '"12"', '["12"]'],
    ['WRONG_TYPE', '"12"', '""'],
    ['UNQUOTED_VERSION', '"12"', '12'],
    ['INVALID_NAME', '"12"', '"12 LTS"'],
  ],

  'images[1].args 16:11': [['WRONG_TYPE', '{ JOBS: "4" }', '[JOBS]']],
  'images[1].args.JOB-S 16:13': [['INVALID_ARG_NAME', 'JOBS', 'JOB-S']],
  'images[1].args.JOBS 16:19': [['UNQUOTED_VALUE', '"4"', '4']],
  'images[1].args.JOBS 16:22': [['YAML_ALIASES', '{ JOBS: "4" }', '&a { JOBS: *a }']],
  'images[1].args.JOBS 16:24': [['YAML_SYNTAX', 'JOBS: "4"', 'JOBS: "4", JOBS: "5"']],
  'images[1].args.BUILDKIT_SYNTAX 16:30': [
    ['UNPINNED_ARG', 'JOBS: "4"', 'BUILDKIT_SYNTAX: "docker/dockerfile:1"'],
    ['UNPINNED_ARG', 'JOBS: "4"', `BUILDKIT_SYNTAX: "docker/dockerfile:1 x@${DIGEST}"`],
  ],
  'images[1].args.SNAPSHOT 16:13': [['RESERVED_ARG', 'JOBS', 'SNAPSHOT']],
  'images[1].args.SOURCE_DATE_EPOCH 16:13': [['RESERVED_ARG', 'JOBS', 'SOURCE_DATE_EPOCH']],
  'images[1].dockerfile 14:17': [
    ['DOCKERFILE_OUTSIDE', 'ci.Dock', '../../../Dock'],
    ['DOCKERFILE_MISSING', 'ci.Dock', 'di.Dock'],
    ['DOCKERFILE_MISSING', 'ci.Dockerfile', '.'],
  ],
  'images[1].enlargeBy 15:5': [['KEY_OF_OTHER_KIND', 'target: node', 'enlargeBy: 8G']],
  'images[1].target 15:13': [
    ['INVALID_TARGET', 'target: node', 'target: "0"'],
    ['UNKNOWN_TARGET', 'target: node', 'target: ndoe'],
  ],
  'images[1].verify[0] 15:14': [
    ['INVALID_COMMAND', 'target: node', 'verify: [" "]'],
    ['INVALID_COMMAND', 'target: node', 'verify: ["a\\nb"]'],
  ],
  'images[1].version 15:5': [['UNKNOWN_KEY', 'target: node', 'version: "22"']],
  'images[1].versions[1].name 22:15': [
    ['INVALID_NAME', 'ubuntu-devel', 'Ubuntu'],
    ['INVALID_NAME', 'ubuntu-devel', 'ubuntu/devel'],
    ['DUPLICATE_NAME', 'ubuntu-devel', 'debian-12'],
    ['DUPLICATE_NAME', 'ubuntu-devel', 'ubuntu-22.04'],
  ],
  'images[1].versions[1].version 20:18': [['UNQUOTED_VERSION', '"24.10"', '24.10']],

  'images[2].checksum 28:15': [
    ['INVALID_CHECKSUM', `sha256:${SUM_B}`, SUM_B],
    ['INVALID_CHECKSUM', `sha256:${SUM_B}`, '"sha256:"'],
    ['INVALID_CHECKSUM', `sha256:${SUM_B}`, `sha512:${SUM_B}`],
  ],
  'images[2].enlargeBy 29:16': [
    ['INVALID_SIZE', 'enlargeBy: 8G', 'enlargeBy: 8GB'],
    ['INVALID_SIZE', 'enlargeBy: 8G', 'enlargeBy: 1.5G'],
  ],
  'images[2].kind 24:11': [
    ['UNKNOWN_KIND', 'vm-disk\n    distribution: ubuntu', 'vmdisk\n    distribution: ubuntu'],
  ],
  'images[2].packing 29:14': [['URL_OTHER_PACKING', 'enlargeBy: 8G', 'packing: xz']],
  'images[2].snapshot 29:5': [['KEY_OF_OTHER_KIND', 'enlargeBy: 8G', 'snapshot: 2026-11-02']],
  'images[2].url 27:10': [
    ['INVALID_URL', `https://${HOST}/${FOCAL}`, FOCAL],
    ['INVALID_URL', `https://${HOST}/${FOCAL}`, `ftp://${HOST}/${FOCAL}`],
    ['INVALID_URL', `${HOST}/${FOCAL}`, `me:secret@${HOST}/${FOCAL}`],
    ['INVALID_URL', `${HOST}/${FOCAL}`, `me@${HOST}/${FOCAL}`],
    ['INVALID_URL', `https://${HOST}/${FOCAL}`, `"https://${HOST}/\\e${FOCAL}"`],
    ['INVALID_URL', 'focal-server-amd64.img', ''],
    ['INVALID_URL', 'focal-server-amd64.img', 'index.html#focal'],
    ['MOVING_URL', 'focal/20250101', 'focal/current'],
    ['MOVING_URL', 'focal/20250101', 'focal/current-20.04'],
    ['MOVING_URL', 'focal-server-amd64', 'focal-server-latest.x86_64'],
    ['URL_OTHER_PACKING', 'focal-server-amd64.img', 'focal.img.gz'],
    ['URL_OTHER_FORMAT', 'focal-server-amd64.img', 'focal.vmdk'],
    ['URL_OTHER_VERSION', FOCAL, FOCAL.replaceAll('focal', 'jammy')],
  ],

  'images[3].format 33:13': [['UNKNOWN_FORMAT', 'format: raw', 'format: vhd']],
  'images[3].packing 34:14': [['UNKNOWN_PACKING', 'packing: xz', 'packing: gz']],
  'images[3].versions[0].url 37:14': [
    ['URL_OTHER_FORMAT', '41-1.4.x86_64.raw.xz', '41-1.4.x86_64.qcow2.xz'],
    ['URL_OTHER_VERSION', FEDORA, FEDORA.replaceAll('41', '40')],
  ],
  'images[3].versions[0].url 36:14, images[3].versions[1].url 39:14': [
    ['URL_OTHER_PACKING', '    packing: xz\n', ''],
  ],
  'images[3].versions[1].base 42:9': [
    ['KEY_OF_OTHER_KIND', 'name: vm-fedora-next', `base: docker.io/library/debian:1@${DIGEST}`],
  ],
  'images[3].versions[1].checksum 41:19': [
    ['CHECKSUM_OF_OTHER_URL', 'd'.repeat(128), 'c'.repeat(128)],
    [
      'URL_OF_OTHER_CHECKSUM',
      `version: "42"\n        url: https://${HOST}/fedora/42/Fedora-42-1.1`,
      `version: "41"\n        url: https://${HOST}/fedora/41/Fedora-41-1.4`,
    ],
  ],
  'images[3].versions[1].name 42:15': [['URL_OTHER_VERSION', 'vm-fedora-next', 'vm-fedora-40']],

  'images[4].from 49:11': [
    ['INVALID_FROM', 'quay.io/kubespray/', ''],
    ['UNPINNED_FROM', `@sha256:${'e'.repeat(64)}`, ''],
  ],
  'images[4].holds 48:12': [['UNKNOWN_KIND', 'holds: vm-disk', 'holds: vm']],
};

/** Edits of Dockerfiles, in the same way. */
const IN_DOCKERFILES: readonly [
  CatalogProblemCode,
  position: string,
  ...Parameters<typeof edited>,
][] = [
  ['DOCKERFILE_SYNTAX', '4:1', APT, 'RUN ', 'RUM '],
  ['DOCKERFILE_FROM', '2:6', APT, 'FROM ${BASE}', 'FROM debian:12'],
  ['DOCKERFILE_FROM', '2:6', DISK, 'FROM scratch', 'ARG BASE\nFROM $BASE'],
  ['DOCKERFILE_PLATFORM', '2:6', APT, 'FROM ', 'FROM --platform=linux/arm64 '],
  ['DOCKERFILE_DOWNLOAD', '4:1', APT, 'RUN ', 'ADD https://example.test/x /x\nRUN '],
  ['DOCKERFILE_LABELS', '11:7', APT, '="${VERSION}"', '="12"'],
  ['DOCKERFILE_LABELS', '9:7', STAGES, '=$SOURCE', '=$ORIGIN'],
  ['DOCKERFILE_LABELS', '9:7', DISK, '="${SOURCE}"', '="x"'],
];

const { [CATALOG]: _, ...WITHOUT_CATALOG } = CHECKOUT;
const withFile = (path: string, file: Files[string]): Files => ({ ...CHECKOUT, [path]: file });
const linked = { ...edited(CATALOG, 'contexts/apt', 'link/apt'), link: { symlink: 'contexts' } };

/** The catalog behind a source of a list, in its first line. */
const withImport = (source: string) =>
  withFile(CATALOG, `imports: [{ ${source} }]\n${CHECKOUT[CATALOG] ?? ''}`);

/** Whole files that are wrong. */
const FILES: readonly [CatalogProblemCode, location: string, Files][] = [
  ['FILE_MISSING', CATALOG, WITHOUT_CATALOG],
  ['FILE_MISSING', CATALOG, withFile(CATALOG, { symlink: 'x.yml' })],
  ['FILE_TOO_LARGE', CATALOG, withFile(CATALOG, '#'.repeat(1024 * 1024 + 1))],
  ['FILE_TOO_LARGE', APT, withFile(APT, '#'.repeat(128 * 1024 + 1))],
  ['NOT_UTF8', CATALOG, withFile(CATALOG, new Uint8Array([0x23, 0xe4]))],
  ['NOT_UTF8', APT, withFile(APT, new Uint8Array([0x23, 0xff]))],
  ['EMPTY_CATALOG', `${CATALOG}:1:1`, withFile(CATALOG, '')],
  ['EMPTY_CATALOG', `${CATALOG}:1:1`, withFile(CATALOG, '# nothing\n')],
  ['EMPTY_CATALOG', `images ${CATALOG}:1:9`, withFile(CATALOG, 'images: []')],
  ['EMPTY_CATALOG', `images ${CATALOG}:1:8`, withFile(CATALOG, 'images:')],
  ['UNKNOWN_LIST', `imports[0].list ${CATALOG}:1:19`, withImport('list: kubespry, repository: a')],
  [
    'INVALID_REPOSITORY',
    `imports[0].repository ${CATALOG}:1:42`,
    withImport('list: kubespray, repository: "https://me:token@host/a"'),
  ],
  [
    'INVALID_REPOSITORY',
    `imports[0].repository ${CATALOG}:1:42`,
    withImport('list: kubespray, repository: "ext::sh -c x"'),
  ],
  [
    'INVALID_BRANCH',
    `imports[0].branch ${CATALOG}:1:53`,
    withImport('list: kubespray, repository: a, branch: a..b'),
  ],
  [
    'INVALID_PATH',
    `imports[0].path ${CATALOG}:1:51`,
    withImport('list: kubespray, repository: a, path: ../a'),
  ],
  [
    'UNKNOWN_LIST',
    `images[2].importedFrom ${CATALOG}:29:19`,
    edited(CATALOG, 'enlargeBy: 8G', 'importedFrom: kubernetes'),
  ],
  ['MISSING_KEY', `imports[0].repository ${CATALOG}:1:11`, withImport('list: kubespray')],
  ['CONTEXT_OUTSIDE', `defaults.context ${CATALOG}:2:12`, linked],
  [
    'DOCKERFILE_OUTSIDE',
    `images[0].dockerfile ${CATALOG}:7:5`,
    withFile(APT, { symlink: '/etc/passwd' }),
  ],
  ['DOCKERFILE_SYNTAX', `${APT}:1:1`, withFile(APT, '')],
];

const inCatalog = (location: string) => location.replace(/(\S+)$/, `${CATALOG}:$1`);

const ALL: readonly { code: CatalogProblemCode; files: Files; problems: readonly string[] }[] = [
  ...Object.entries(IN_CATALOG).flatMap(([locations, edits]) =>
    edits.map(([code, from, to]) => ({
      code,
      files: edited(CATALOG, from, to),
      problems: locations.split(', ').map((location) => `${code} ${inCatalog(location)}`),
    })),
  ),
  ...IN_DOCKERFILES.map(([code, position, file, from, to]) => {
    return { code, files: edited(file, from, to), problems: [`${code} ${file}:${position}`] };
  }),
  ...FILES.map(([code, location, files]) => ({ code, files, problems: [`${code} ${location}`] })),
];

test('the checkout that every problem starts from has none', () => {
  expect(problemsOf(CHECKOUT)).toEqual([]);
});

describe('a problem is reported once, by its code, path and position', () => {
  test.each(ALL.map((each) => ({ ...each, name: each.problems.join(', ') })))(
    '$name',
    ({ files, problems }) => {
      const found = problemsOf(files);
      expect(found.map(briefly)).toEqual(problems);
      for (const { problem, remedy } of found) {
        expect(problem).toMatch(/\S{2}/);
        expect(remedy).toMatch(/\S{2}/);
        expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
      }
    },
  );
});

test('every code has a case that leads to it', () => {
  const covered = new Set(ALL.map(({ code }) => code));
  expect(CATALOG_PROBLEM_CODES.filter((code) => !covered.has(code))).toEqual([]);
});

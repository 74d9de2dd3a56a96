import { describe, expect, test } from 'vitest';
import { CATALOG_PROBLEM_CODES } from '../../src/catalog/problem-code.ts';
import { APT, briefly, CATALOG, CHECKOUT, DIGEST, edited, problemsOf, STAGES } from './checkout.ts';
import { DISK_PROBLEMS } from './disk-problems.ts';
import { inCatalog, expected, type ExpectedProblem } from './expected-problem.ts';

const YML = CATALOG;
const ANYWHERE = `@${DIGEST}\n    platform: linux/arm64`;

const WITHOUT_CATALOG = Object.fromEntries(
  Object.entries(CHECKOUT).filter(([path]) => path !== YML),
);

/** Every problem is one edit away from the valid checkout in fixtures/checkout. */
const EXPECTED: readonly ExpectedProblem[] = [
  expected('FILE_MISSING', WITHOUT_CATALOG, YML),
  expected('FILE_MISSING', { ...CHECKOUT, [YML]: { symlink: 'x.yml' } }, YML),
  expected('FILE_TOO_LARGE', { ...CHECKOUT, [YML]: '#'.repeat(1024 * 1024 + 1) }, YML),
  expected('FILE_TOO_LARGE', { ...CHECKOUT, [APT]: '#'.repeat(128 * 1024 + 1) }, APT),
  expected('NOT_UTF8', { ...CHECKOUT, [YML]: new Uint8Array([0x23, 0xe4]) }, YML),
  expected('NOT_UTF8', { ...CHECKOUT, [APT]: new Uint8Array([0x23, 0xff]) }, APT),

  inCatalog('YAML_SYNTAX', '"12"', '"12', '8:17'),
  inCatalog('YAML_SYNTAX', '"12"', '!version "12"', '8:14'),
  inCatalog('YAML_SYNTAX', 'JOBS: "4"', 'JOBS: "4", JOBS: "5"', 'images[1].args.JOBS 16:24'),
  inCatalog('YAML_SYNTAX', '\nimages:', '---\nimages:', '5:1'),
  inCatalog('YAML_SYNTAX', 'defaults:', '%YAML 1.1\n---\ndefaults:', '1:1'),
  inCatalog('YAML_ALIASES', '"12"', '*nothing', 'images[0].version 8:14'),
  inCatalog('YAML_ALIASES', '{ JOBS: "4" }', '&a { JOBS: *a }', 'images[1].args.JOBS 16:22'),

  expected('EMPTY_CATALOG', { ...CHECKOUT, [YML]: '' }, `${YML}:1:1`),
  expected('EMPTY_CATALOG', { ...CHECKOUT, [YML]: '# nothing\n' }, `${YML}:1:1`),
  expected('EMPTY_CATALOG', { ...CHECKOUT, [YML]: 'images: []' }, `images ${YML}:1:9`),
  expected('EMPTY_CATALOG', { ...CHECKOUT, [YML]: 'images:' }, `images ${YML}:1:8`),
  inCatalog('UNKNOWN_KEY', 'platform:', 'platfrom:', 'images[0].platfrom 10:5'),
  inCatalog('UNKNOWN_KEY', '\nimages:', '\nowner: me\nimages:', 'owner 6:1'),
  inCatalog('UNKNOWN_KEY', 'target: node', 'version: "22"', 'images[1].version 15:5'),
  inCatalog('MISSING_KEY', '    version: "12"\n', '', 'images[0].version 7:5'),
  inCatalog('MISSING_KEY', '  context: contexts/apt\n', '', 'images[0].context 6:5'),
  inCatalog('WRONG_TYPE', '"12"', '["12"]', 'images[0].version 8:14'),
  inCatalog('WRONG_TYPE', '"12"', '""', 'images[0].version 8:14'),
  inCatalog('WRONG_TYPE', '{ JOBS: "4" }', '[JOBS]', 'images[1].args 16:11'),
  inCatalog('UNQUOTED_VERSION', '"24.10"', '24.10', 'images[1].versions[1].version 20:18'),
  inCatalog('UNQUOTED_VERSION', '"12"', '12', 'images[0].version 8:14'),
  inCatalog('UNQUOTED_VALUE', '"4"', '4', 'images[1].args.JOBS 16:19'),
  inCatalog('UNQUOTED_VALUE', 'mirror.example', 'true', 'defaults.args.MIRROR 3:19'),

  inCatalog('INVALID_NAME', 'ubuntu-devel', 'Ubuntu', 'images[1].versions[1].name 22:15'),
  inCatalog('INVALID_NAME', 'ubuntu-devel', 'ubuntu/devel', 'images[1].versions[1].name 22:15'),
  inCatalog('INVALID_NAME', '"12"', '"12 LTS"', 'images[0].version 8:14'),
  inCatalog('DUPLICATE_NAME', 'ubuntu-devel', 'debian-12', 'images[1].versions[1].name 22:15'),
  inCatalog('DUPLICATE_NAME', 'ubuntu-devel', 'ubuntu-22.04', 'images[1].versions[1].name 22:15'),
  inCatalog('INVALID_BASE', 'docker.io/library/debian:12', 'debian:12', 'images[0].base 9:11'),
  inCatalog('INVALID_BASE', 'library/debian:12', 'debian:12', 'images[0].base 9:11'),
  inCatalog('UNPINNED_BASE', ANYWHERE, '', 'images[0].base 9:11'),
  inCatalog('UNKNOWN_PLATFORM', 'linux/arm64', 'arm64', 'images[0].platform 10:15'),
  inCatalog('INVALID_SNAPSHOT', '2026-11-01', '2026-02-30', 'defaults.snapshot 4:13'),
  inCatalog('INVALID_SNAPSHOT', '2026-11-01', '2026-11-01T00:00', 'defaults.snapshot 4:13'),
  inCatalog(
    'INVALID_MAX_AGE',
    '2026-11-01',
    '2026-11-01\n  snapshotMaxAge: 0d',
    'defaults.snapshotMaxAge 5:19',
  ),
  inCatalog('INVALID_ARG_NAME', 'JOBS', 'JOB-S', 'images[1].args.JOB-S 16:13'),
  inCatalog('RESERVED_ARG', 'JOBS', 'SNAPSHOT', 'images[1].args.SNAPSHOT 16:13'),
  inCatalog('RESERVED_ARG', 'JOBS', 'SOURCE_DATE_EPOCH', 'images[1].args.SOURCE_DATE_EPOCH 16:13'),
  inCatalog('INVALID_COMMAND', 'target: node', 'verify: [" "]', 'images[1].verify[0] 15:14'),
  inCatalog('INVALID_COMMAND', 'target: node', 'verify: ["a\\nb"]', 'images[1].verify[0] 15:14'),
  inCatalog('INVALID_TARGET', 'target: node', 'target: "0"', 'images[1].target 15:13'),

  inCatalog('CONTEXT_OUTSIDE', 'contexts/apt', '/contexts/apt', 'defaults.context 2:12'),
  inCatalog('CONTEXT_OUTSIDE', 'contexts/apt', 'x/../contexts/apt', 'defaults.context 2:12'),
  expected(
    'CONTEXT_OUTSIDE',
    { ...edited(YML, 'contexts/apt', 'link/apt'), link: { symlink: 'contexts' } },
    `defaults.context ${YML}:2:12`,
  ),
  inCatalog('CONTEXT_MISSING', 'contexts/apt', 'contexts/atp', 'defaults.context 2:12'),
  inCatalog('CONTEXT_MISSING', 'contexts/apt', APT, 'defaults.context 2:12'),
  inCatalog('DOCKERFILE_OUTSIDE', 'ci.Dock', '../../../Dock', 'images[1].dockerfile 14:17'),
  expected(
    'DOCKERFILE_OUTSIDE',
    { ...CHECKOUT, [APT]: { symlink: '/etc/passwd' } },
    `images[0].dockerfile ${YML}:7:5`,
  ),
  inCatalog('DOCKERFILE_MISSING', 'ci.Dock', 'di.Dock', 'images[1].dockerfile 14:17'),
  inCatalog('DOCKERFILE_MISSING', 'ci.Dockerfile', '.', 'images[1].dockerfile 14:17'),
  expected('DOCKERFILE_SYNTAX', edited(APT, 'RUN ', 'RUM '), `${APT}:4:1`),
  expected('DOCKERFILE_SYNTAX', { ...CHECKOUT, [APT]: '' }, `${APT}:1:1`),
  expected('DOCKERFILE_FROM', edited(APT, 'FROM ${BASE}', 'FROM debian:12'), `${APT}:2:6`),
  expected(
    'DOCKERFILE_PLATFORM',
    edited(APT, 'FROM ${BASE}', 'FROM --platform=linux/arm64 ${BASE}'),
    `${APT}:2:6`,
  ),
  expected(
    'DOCKERFILE_DOWNLOAD',
    edited(APT, 'RUN ', 'ADD https://example.test/x /x\nRUN '),
    `${APT}:4:1`,
  ),
  expected('DOCKERFILE_LABELS', edited(APT, '="${VERSION}"', '="12"'), `${APT}:11:7`),
  expected('DOCKERFILE_LABELS', edited(STAGES, '=$SOURCE', '=$ORIGIN'), `${STAGES}:9:7`),
  inCatalog('UNKNOWN_TARGET', 'target: node', 'target: ndoe', 'images[1].target 15:13'),
];

const ALL = [...EXPECTED, ...DISK_PROBLEMS];

test('the checkout that every problem starts from has none', () => {
  expect(problemsOf(CHECKOUT)).toEqual([]);
});

describe('a problem is reported once, by its code, path and place', () => {
  test.each(ALL.map((each) => ({ ...each, place: each.told.join(', ') })))(
    '$place',
    ({ files, told }) => {
      expect(problemsOf(files).map(briefly)).toEqual(told);
    },
  );
});

test('every code has a case that leads to it', () => {
  const covered = new Set(ALL.map(({ code }) => code));
  expect(CATALOG_PROBLEM_CODES.filter((code) => !covered.has(code))).toEqual([]);
});

test('every problem is reported with its prose and a remedy', () => {
  const problems = ALL.flatMap(({ files }) => problemsOf(files));
  for (const { problem, remedy } of problems) {
    expect(problem).toMatch(/\S{2}/);
    expect(remedy).toMatch(/\S{2}/);
    expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
  }
});

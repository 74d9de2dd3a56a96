import { describe, expect, test } from 'vitest';
import { loadRetention } from '../../src/retention/parse-retention.ts';
import {
  RETENTION_PROBLEM_CODES,
  type RetentionProblemCode,
} from '../../src/retention/value-rules.ts';
import { InvalidInputError, type Problem } from '../../src/problem.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';
import { digest, FILE } from './retention-fixture.ts';

const D = digest('a');

const PATTERN = 'cloud_image: (?<image>[a-z0-9-]+)';

const VALID = `dryRun: true
window: 90d
keepNewest: 5
untaggedAfter: 14d
keepAliases: [latest]
allow:
  - debian-12
  - debian-12:v1
  - debian-12@${D}
gracePeriod: 30d
sources:
  - name: kubespray
    repository: ../kubespray
    branches:
      default: main
      releases: release-*
      newest: 3
    references:
      - catalog: config/images.yml
      - files: [tests/files/*.yml]
        pattern: '${PATTERN}'
        image: 'vm-\${image}'
  - name: other
    repository: https://git.example/other.git
    branches: {only: [main]}
    references: [{catalog: images.yml}]
`;

/** What is wrong with a file, or with there being none. */
function problemsOf(file: MemoryFile | undefined): readonly Problem[] {
  try {
    loadRetention(memoryTree(file === undefined ? {} : { [FILE]: file }), FILE);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

/** The valid file with one place changed. Throws unless `from` stands there exactly once. */
function edited(from: string, to: string): string {
  const parts = VALID.split(from);
  if (parts.length !== 2)
    throw new Error(`${from} stands there ${parts.length - 1} times, not once`);
  return parts.join(to);
}

type Case = readonly [
  code: RetentionProblemCode,
  file: MemoryFile | undefined,
  path: string,
  place?: string,
];

/** The same problem of several texts in place of `from`. */
function cases(
  code: RetentionProblemCode,
  path: string,
  place: string,
  from: string,
  texts: readonly string[],
): readonly Case[] {
  return texts.map((text) => [code, edited(from, text), path, place]);
}

const FIRST = 'sources[0]';
const SECOND = 'sources[1]';
const FILES = 'sources[0].references[1]';
const many = Array.from({ length: 351 }, (_, number) => `i${number}`).join();

/** Every problem is one edit away from the valid file. */
const CASES: readonly Case[] = [
  ['FILE_MISSING', undefined, ''],
  ['FILE_MISSING', { symlink: 'elsewhere.yml' }, ''],
  ['FILE_TOO_LARGE', '#'.repeat(1024 * 1024 + 1), ''],
  ['NOT_UTF8', new Uint8Array([0x23, 0xff]), ''],
  ['YAML_SYNTAX', edited('window: 90d', 'window: "90d'), '', '27:1'],
  ['YAML_SYNTAX', edited('window', 'dryRun'), 'dryRun', '2:1'],
  ['YAML_ALIASES', edited('[latest]', '*none'), 'keepAliases', '5:14'],

  ['UNKNOWN_KEY', edited('keepAliases', 'keepAlias'), 'keepAlias', '5:1'],
  ['MISSING_KEY', edited('dryRun: true\n', ''), 'dryRun', '1:1'],
  ['MISSING_KEY', edited('window: 90d\n', ''), 'window', '1:1'],
  ['MISSING_KEY', edited('keepNewest: 5\n', ''), 'keepNewest', '1:1'],
  ['MISSING_KEY', edited('untaggedAfter: 14d\n', ''), 'untaggedAfter', '1:1'],
  ['MISSING_KEY', edited('gracePeriod: 30d\n', ''), 'gracePeriod', '1:1'],
  ['MISSING_KEY', edited('    repository: ../kubespray\n', ''), `${FIRST}.repository`, '12:5'],
  ['MISSING_KEY', edited('    branches: {only: [main]}\n', ''), `${SECOND}.branches`, '23:5'],
  ['MISSING_KEY', edited('      newest: 3\n', ''), `${FIRST}.branches.newest`, '15:7'],
  ['MISSING_KEY', edited('      releases: release-*\n', ''), `${FIRST}.branches.releases`, '15:7'],
  ['MISSING_KEY', edited(`        pattern: '${PATTERN}'\n`, ''), `${FILES}.pattern`, '20:9'],
  ['UNKNOWN_KEY', edited('../kubespray', '../x\n    repo: ../y'), `${FIRST}.repo`, '14:5'],
  [
    'UNKNOWN_KEY',
    edited('{only: [main]}', '{only: [main], newest: 3}'),
    `${SECOND}.branches.newest`,
    '25:30',
  ],
  ['WRONG_TYPE', `${VALID.slice(0, VALID.indexOf('sources:'))}sources:\n`, 'sources', '11:9'],
  ['WRONG_TYPE', edited('{only: [main]}', 'main'), `${SECOND}.branches`, '25:15'],
  ['WRONG_TYPE', edited('[main]', '[]'), `${SECOND}.branches.only`, '25:22'],
  ['WRONG_TYPE', edited('[{catalog: images.yml}]', '[]'), `${SECOND}.references`, '26:17'],
  ['WRONG_TYPE', edited('[tests/files/*.yml]', '[]'), `${FILES}.files`, '20:16'],
  ['UNQUOTED_VALUE', edited('[main]', '[2.31]'), `${SECOND}.branches.only[0]`, '25:23'],
  ['WRONG_TYPE', '[]', '', '1:1'],
  ['WRONG_TYPE', edited('true', 'yes'), 'dryRun', '1:9'],
  ['WRONG_TYPE', edited('true', '"false"'), 'dryRun', '1:9'],
  ['WRONG_TYPE', edited(': 90d', ':'), 'window', '2:8'],
  ['WRONG_TYPE', edited(': 5', ': "5"'), 'keepNewest', '3:13'],
  ['WRONG_TYPE', edited(': 5', ': .nan'), 'keepNewest', '3:13'],
  ['WRONG_TYPE', edited('[latest]', 'latest'), 'keepAliases', '5:14'],
  ['WRONG_TYPE', edited('12:v1', '12: v1'), 'allow[1]', '8:5'],
  ['UNQUOTED_VALUE', edited('latest', '1.30'), 'keepAliases[0]', '5:15'],
  ['UNQUOTED_VALUE', edited('debian-12\n', '12\n'), 'allow[0]', '7:5'],

  ['INVALID_DURATION', edited('90d', '90'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '-90d'), 'window', '2:9'],
  ['INVALID_DURATION', edited('14d', '1.5d'), 'untaggedAfter', '4:16'],
  ['INVALID_COUNT', edited(': 5', ': 0'), 'keepNewest', '3:13'],
  ['INVALID_COUNT', edited(': 5', ': -1'), 'keepNewest', '3:13'],
  ['INVALID_COUNT', edited(': 5', ': 1.5'), 'keepNewest', '3:13'],
  ['INVALID_COUNT', edited(': 5', ': 1001'), 'keepNewest', '3:13'],
  ['INVALID_ALIAS', edited('latest', '""'), 'keepAliases[0]', '5:15'],
  ['INVALID_ALIAS', edited('latest', '"*"'), 'keepAliases[0]', '5:15'],
  ['INVALID_ALIAS', edited('latest', 'debian-12:latest'), 'keepAliases[0]', '5:15'],
  ['INVALID_ENTRY', edited('debian-12\n', '""\n'), 'allow[0]', '7:5'],
  ['INVALID_ENTRY', edited('debian-12\n', '"*"\n'), 'allow[0]', '7:5'],
  ['INVALID_ENTRY', edited('debian-12\n', 'Debian\n'), 'allow[0]', '7:5'],
  ['INVALID_ENTRY', edited('debian-12\n', 'kubespray/debian-12\n'), 'allow[0]', '7:5'],
  ['INVALID_ENTRY', edited('12:v1', '12:v 1'), 'allow[1]', '8:5'],
  ['INVALID_ENTRY', edited('debian-12:v1', '"debian-12:"'), 'allow[1]', '8:5'],
  ['INVALID_ENTRY', edited(`12@${D}`, '12@'), 'allow[2]', '9:5'],
  ['INVALID_ENTRY', edited(D, D.slice(0, -1)), 'allow[2]', '9:5'],
  ['INVALID_ENTRY', edited(D, D.toUpperCase()), 'allow[2]', '9:5'],
  ['INVALID_ENTRY', edited(`12@${D}`, `12:v1@${D}`), 'allow[2]', '9:5'],
  ['DUPLICATE_ENTRY', edited('[latest]', '[latest, latest]'), 'keepAliases[1]', '5:23'],
  ['DUPLICATE_ENTRY', edited('12:v1', '12'), 'allow[1]', '8:5'],
  ['INVALID_DURATION', edited('30d', '0d'), 'gracePeriod', '10:14'],

  ['INVALID_SOURCE_NAME', edited('name: other', 'name: Other'), `${SECOND}.name`, '23:11'],
  ['INVALID_SOURCE_NAME', edited('name: other', 'name: a_b'), `${SECOND}.name`, '23:11'],
  [
    'INVALID_ALIAS',
    edited('name: other', 'name: other\n    aliasPrefix: -x'),
    `${SECOND}.aliasPrefix`,
    '24:18',
  ],
  ['DUPLICATE_ENTRY', edited('name: other', 'name: kubespray'), `${SECOND}.name`, '23:11'],
  ['DUPLICATE_ENTRY', edited('[main]', '[main, main]'), `${SECOND}.branches.only[1]`, '25:29'],
  ...cases('INVALID_REPOSITORY', `${FIRST}.repository`, '13:17', '../kubespray', [
    '""',
    '--upload-pack=x',
    'ext::sh',
    'http://git.example/x',
    'git://git.example/x',
    'https://me:secret@git.example/x',
  ]),
  ...['""', 'a b', 'a..b', '-a', 'a/', 'a.lock'].map((name): Case => {
    const file = edited('default: main', `default: ${name}`);
    return ['INVALID_BRANCH', file, `${FIRST}.branches.default`, '15:16'];
  }),
  ...['"*-*"', 'release-', 'release *'].map((glob): Case => {
    const file = edited('releases: release-*', `releases: ${glob}`);
    return ['INVALID_BRANCH', file, `${FIRST}.branches.releases`, '16:17'];
  }),
  ['INVALID_COUNT', edited('newest: 3', 'newest: 0'), `${FIRST}.branches.newest`, '17:15'],
  ['INVALID_COUNT', edited('newest: 3', 'newest: 1.5'), `${FIRST}.branches.newest`, '17:15'],
  ['INVALID_PATH', edited('config/images', '../images'), `${FIRST}.references[0].catalog`, '19:18'],
  ['INVALID_PATH', edited('config/images', 'config/*'), `${FIRST}.references[0].catalog`, '19:18'],
  ...cases('INVALID_GLOB', `${FILES}.files[0]`, '20:17', 'tests/files/*.yml', [
    '"/tests/*.yml"',
    '"tests/"',
    '"../*.yml"',
    '"a**.yml"',
    '"*.{yml,yaml}"',
  ]),
  ...cases('INVALID_PATTERN', `${FILES}.pattern`, '21:18', PATTERN, [
    'cloud_image: (?<image>[a-z',
    'cloud_image: ([a-z]+)',
    '(?<tag>[a-z]+)',
    '(?<image>[a-z]*)',
    '(?<image>(a+)+)',
    `(?<image>${'a'.repeat(500)})`,
  ]),
  ...cases('INVALID_TEMPLATE', `${FILES}.image`, '22:16', 'vm-${image}', [
    'vm',
    'vm-${Image}',
    'VM-${image}',
    'vm/${image}',
    'vm-${tag}',
  ]),
  ['TOO_MANY_POLICIES', edited('[latest]', `[${many}]`), 'keepAliases', '5:14'],
];

test('the file that every problem starts from has none', () => {
  expect(problemsOf(VALID)).toEqual([]);
});

describe('a problem is reported once, by its code, path and place', () => {
  test.each(CASES.map((row, number) => ({ row, number })))(
    '$number: $row.0 $row.2 $row.3',
    ({ row: [code, file, path, place] }) => {
      const reported = problemsOf(file).map((each) => ({
        code: each.code,
        file: each.file,
        path: each.path,
        place: each.line === undefined ? undefined : `${each.line}:${each.column ?? ''}`,
      }));
      expect(reported).toEqual([{ code, file: FILE, path, place }]);
      for (const { problem, remedy } of problemsOf(file)) {
        expect(problem).toMatch(/\S{2}/);
        expect(remedy).toMatch(/\S{2}/);
        expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
      }
    },
  );
});

test('every code has a file that leads to it', () => {
  const covered = new Set(CASES.map(([code]) => code));
  expect(RETENTION_PROBLEM_CODES.filter((code) => !covered.has(code))).toEqual([]);
});

test('an empty file lacks every key that decides about deletion', () => {
  const keys = ['dryRun', 'window', 'keepNewest', 'untaggedAfter', 'gracePeriod', 'sources'];
  for (const text of ['', '# nothing\n', '{}']) {
    expect(problemsOf(text).map(({ code, path }) => `${code} ${path}`)).toEqual(
      keys.map((key) => `MISSING_KEY ${key}`),
    );
  }
});

test('all problems are reported at once', () => {
  const text = `dryRun: no
window: 90
keepNewest: 0
keepAliases: [1.30, latest, latest]
allowed: [debian-12]
allow: [debian-12@sha256:12]
sources: [{name: A, branches: {newest: 0}, references: [{catalog: /x}, 7]}]
`;
  expect(
    problemsOf(text)
      .map(({ code, path }) => `${code} ${path}`)
      .sort(),
  ).toEqual([
    'DUPLICATE_ENTRY keepAliases[2]',
    'INVALID_COUNT keepNewest',
    'INVALID_COUNT sources[0].branches.newest',
    'INVALID_DURATION window',
    'INVALID_ENTRY allow[0]',
    'INVALID_PATH sources[0].references[0].catalog',
    'INVALID_SOURCE_NAME sources[0].name',
    'MISSING_KEY gracePeriod',
    'MISSING_KEY sources[0].repository',
    'MISSING_KEY untaggedAfter',
    'UNKNOWN_KEY allowed',
    'UNQUOTED_VALUE keepAliases[0]',
    'WRONG_TYPE dryRun',
    'WRONG_TYPE sources[0].references[1]',
  ]);
});

test.each([
  ['dryRun: true\n', '', 'add dryRun: true'],
  ['true', 'yes', 'true or false'],
  ['90d', '90', '90d'],
  [': 5', ': "5"', 'without quotes'],
  ['keepAliases', 'keepAlias', 'did you mean keepAliases?'],
  ['latest', '1.30', '"1.30"'],
  ['12:v1', '12: v1', 'text'],
  ['12:v1', 'pkg.dev/p/r/debian-12:v2', 'debian-12:v2'],
  [`12@${D}`, `12:v1@${D}`, `debian-12@${D}`],
])('remedies say what to write: %j, written %j', (from, to, remedy) => {
  expect(problemsOf(edited(from, to))[0]?.remedy).toContain(remedy);
});

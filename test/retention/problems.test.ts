import { expect, test } from 'vitest';
import { loadRetention } from '../../src/retention/parse-retention.ts';
import { RETENTION_PROBLEM_CODES, type RetentionProblemCode } from '../../src/retention/schema.ts';
import type { Problem } from '../../src/problem.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';
import { digest, FILE, problemsIn } from './retention-fixture.ts';

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
    pins: {main: {debian-12: v1}}
    references: [{catalog: images.yml}]
`;

function problemsOf(file: MemoryFile | undefined): readonly Problem[] {
  const tree = memoryTree(file === undefined ? {} : { [FILE]: file });
  return problemsIn(() => loadRetention(tree, FILE));
}

/** The valid file with one place changed. Throws unless `from` stands there exactly once. */
function edited(from: string, to: string): string {
  const parts = VALID.split(from);
  if (parts.length === 2) return parts.join(to);
  throw new Error(`${from} stands there ${parts.length - 1} times, not once`);
}

type Case = readonly [
  code: RetentionProblemCode,
  path: string,
  place: string | undefined,
  file: MemoryFile | undefined,
];

/** The same problem of several texts in place of `from`. */
function cases(
  code: RetentionProblemCode,
  path: string,
  place: string,
  from: string,
  ...texts: readonly string[]
): readonly Case[] {
  return texts.map((text) => [code, path, place, edited(from, text)]);
}

const FIRST = 'sources[0]';
const SECOND = 'sources[1]';
const FILES = 'sources[0].references[1]';
const CATALOG = 'sources[0].references[0].catalog';
const many = Array.from({ length: 351 }, (_, number) => `i${number}`).join();
const noSources = VALID.slice(0, VALID.indexOf('sources:'));

/** Every problem is one edit away from the valid file. */
const CASES: readonly Case[] = [
  ['FILE_MISSING', '', undefined, undefined],
  ['FILE_MISSING', '', undefined, { symlink: 'elsewhere.yml' }],
  ['FILE_TOO_LARGE', '', undefined, '#'.repeat(1024 * 1024 + 1)],
  ['NOT_UTF8', '', undefined, new Uint8Array([0x23, 0xff])],
  ...cases('YAML_SYNTAX', '', '28:1', 'window: 90d', 'window: "90d'),
  ...cases('YAML_SYNTAX', 'dryRun', '2:1', 'window', 'dryRun'),
  ...cases('YAML_ALIASES', 'keepAliases', '5:14', '[latest]', '*none'),

  ...cases('MISSING_KEY', 'dryRun', '1:1', 'dryRun: true\n', ''),
  ...cases('MISSING_KEY', 'window', '1:1', 'window: 90d\n', ''),
  ...cases('MISSING_KEY', 'keepNewest', '1:1', 'keepNewest: 5\n', ''),
  ...cases('MISSING_KEY', 'untaggedAfter', '1:1', 'untaggedAfter: 14d\n', ''),
  ...cases('MISSING_KEY', 'gracePeriod', '1:1', 'gracePeriod: 30d\n', ''),
  ...cases('MISSING_KEY', `${FIRST}.repository`, '12:5', '    repository: ../kubespray\n', ''),
  ...cases('MISSING_KEY', `${SECOND}.branches`, '23:5', '    branches: {only: [main]}\n', ''),
  ...cases('MISSING_KEY', `${FIRST}.branches.newest`, '15:7', '      newest: 3\n', ''),
  ...cases('MISSING_KEY', `${FIRST}.branches.releases`, '15:7', '      releases: release-*\n', ''),
  ...cases('MISSING_KEY', `${FILES}.pattern`, '20:9', `        pattern: '${PATTERN}'\n`, ''),
  ...cases('UNKNOWN_KEY', 'keepAlias', '5:1', 'keepAliases', 'keepAlias'),
  ...cases('UNKNOWN_KEY', `${FIRST}.repo`, '14:5', '../kubespray', '../x\n    repo: ../y'),
  ...cases('UNKNOWN_KEY', `${SECOND}.branches.newest`, '25:30', '[main]}', '[main], newest: 3}'),
  ...cases('WRONG_TYPE', `${SECOND}.branches`, '25:15', '{only: [main]}', 'main'),
  ...cases('WRONG_TYPE', `${SECOND}.branches.only`, '25:22', '[main]', '[]'),
  ...cases('WRONG_TYPE', `${SECOND}.references`, '27:17', '[{catalog: images.yml}]', '[]'),
  ...cases('WRONG_TYPE', `${FILES}.files`, '20:16', '[tests/files/*.yml]', '[]'),
  ['WRONG_TYPE', 'sources', '11:9', `${noSources}sources:\n`],
  ['WRONG_TYPE', '', '1:1', '[]'],
  ...cases('WRONG_TYPE', 'dryRun', '1:9', 'true', 'yes', '"false"'),
  ...cases('WRONG_TYPE', 'window', '2:8', ': 90d', ':'),
  ...cases('WRONG_TYPE', 'keepNewest', '3:13', ': 5', ': "5"', ': .nan'),
  ...cases('WRONG_TYPE', 'keepAliases', '5:14', '[latest]', 'latest'),
  ...cases('WRONG_TYPE', 'allow[1]', '8:5', '12:v1', '12: v1'),
  ...cases('UNQUOTED_VALUE', `${SECOND}.branches.only[0]`, '25:23', '[main]', '[2.31]'),
  ...cases('UNQUOTED_VALUE', 'keepAliases[0]', '5:15', 'latest', '1.30'),
  ...cases('UNQUOTED_VALUE', 'allow[0]', '7:5', 'debian-12\n', '12\n'),

  ...cases('INVALID_DURATION', 'window', '2:9', '90d', '90', '-90d'),
  ...cases('INVALID_DURATION', 'untaggedAfter', '4:16', '14d', '1.5d'),
  ...cases('INVALID_DURATION', 'gracePeriod', '10:14', '30d', '0d'),
  ...cases('INVALID_COUNT', 'keepNewest', '3:13', ': 5', ': 0', ': -1', ': 1.5', ': 1001'),
  ...cases('INVALID_ALIAS', 'keepAliases[0]', '5:15', 'latest', '""', '"*"', 'debian-12:latest'),
  ...cases('INVALID_ENTRY', 'allow[0]', '7:5', 'debian-12\n', '""\n', '"*"\n', 'Debian\n', 'a/b\n'),
  ...cases('INVALID_ENTRY', 'allow[1]', '8:5', 'debian-12:v1', 'debian-12:v 1', '"debian-12:"'),
  ...cases('INVALID_ENTRY', 'allow[2]', '9:5', `12@${D}`, '12@', `12:v1@${D}`),
  ...cases('INVALID_ENTRY', 'allow[2]', '9:5', D, D.slice(0, -1), D.toUpperCase()),
  ...cases('DUPLICATE_ENTRY', 'keepAliases[1]', '5:23', '[latest]', '[latest, latest]'),
  ...cases('DUPLICATE_ENTRY', 'allow[1]', '8:5', '12:v1', '12'),

  ...cases('INVALID_SOURCE_NAME', `${SECOND}.name`, '23:11', 'other\n', 'Other\n', 'a_b\n'),
  ...cases(
    'INVALID_ALIAS',
    `${SECOND}.aliasPrefix`,
    '24:18',
    'other\n',
    'o\n    aliasPrefix: -x\n',
  ),
  ...cases('DUPLICATE_ENTRY', `${SECOND}.name`, '23:11', 'name: other', 'name: kubespray'),
  ...cases('DUPLICATE_ENTRY', `${SECOND}.branches.only[1]`, '25:29', '[main]', '[main, main]'),
  ...cases(
    'INVALID_REPOSITORY',
    `${FIRST}.repository`,
    '13:17',
    '../kubespray',
    '""',
    '--upload-pack=x',
    'ext::sh',
    'http://git.example/x',
    'git://git.example/x',
    'https://me:secret@git.example/x',
    'https://glpat-secret@git.example/x',
    'ssh://me:secret@git.example/x',
  ),
  ...['""', 'a b', 'a..b', '-a', 'a/', 'a.lock'].flatMap((name) =>
    cases('INVALID_BRANCH', `${FIRST}.branches.default`, '15:16', 't: main', `t: ${name}`),
  ),
  ...['"*-*"', 'release-', 'release *'].flatMap((glob) =>
    cases('INVALID_BRANCH', `${FIRST}.branches.releases`, '16:17', 's: release-*', `s: ${glob}`),
  ),
  ...cases('INVALID_COUNT', `${FIRST}.branches.newest`, '17:15', 't: 3', 't: 0', 't: 1.5'),
  ...['abc', 'main', '"46DBDD3994B3"'].flatMap((commit) =>
    cases(
      'INVALID_COMMIT',
      `${SECOND}.accept[0]`,
      '26:14',
      'pins:',
      `accept: [${commit}]\n    pins:`,
    ),
  ),
  ...cases('INVALID_PATH', CATALOG, '19:18', 'config/images', '../images', 'config/*'),
  ...cases(
    'INVALID_GLOB',
    `${FILES}.files[0].glob`,
    '20:24',
    'tests/files/*.yml',
    '{glob: "/x", optional: true}',
  ),
  ...cases(
    'WRONG_TYPE',
    `${FILES}.files[0].optional`,
    '20:39',
    'tests/files/*.yml',
    '{glob: "x", optional: 1}',
  ),
  ...cases('WRONG_TYPE', `${FILES}.files[0]`, '20:17', 'tests/files/*.yml', '[x]'),
  ...cases('MISSING_KEY', `${FILES}.yaml.key`, '21:15', `pattern: '${PATTERN}'`, 'yaml: {}'),
  ...cases(
    'UNKNOWN_KEY',
    `${FILES}.pattern`,
    '21:9',
    `'${PATTERN}'`,
    `'${PATTERN}'\n        yaml: {key: x}`,
  ),
  ...cases(
    'INVALID_GLOB',
    `${FILES}.files[0]`,
    '20:17',
    'tests/files/*.yml',
    '"/tests/*.yml"',
    '"tests/"',
    '"../*.yml"',
    '"a**.yml"',
    '"*.{yml,yaml}"',
  ),
  ...cases(
    'INVALID_PATTERN',
    `${FILES}.pattern`,
    '21:18',
    PATTERN,
    'cloud_image: (?<image>[a-z',
    'cloud_image: ([a-z]+)',
    '(?<tag>[a-z]+)',
    '(?<image>[a-z]*)',
    '(?=a)(?<image>a+)',
    `(?<image>${'a'.repeat(500)})`,
    '(?<image>[a-z]+)-(?<version>[0-9]+)',
  ),
  ...['vm', 'vm-${Image}', 'VM-${image}', 'vm/${image}', 'vm-${tag}'].flatMap((template) =>
    cases('INVALID_TEMPLATE', `${FILES}.image`, '22:16', 'vm-${image}', template),
  ),
  ...cases(
    'INVALID_IGNORE',
    `${FILES}.ignore[1]`,
    '23:37',
    "image: 'vm-${image}'\n",
    ...[
      'cloud_image:',
      '- "cloud_image" :',
      'Cloud_image: >-',
      'cloud_image: &a',
      'cloud_image: # b',
    ].map((line) => `image: 'vm-\${image}'\n        ignore: ['cloud_image: *b', '${line}']\n`),
  ),
  ...cases(
    'INVALID_IGNORE',
    'sources[1].references[0].ignore[0]',
    '27:71',
    '[{catalog: images.yml}]',
    ...['a-key.b:', '- "a-key.b": |2'].map(
      (line) => `[{files: [images.yml], yaml: {key: a-key.b}, ignore: ['${line}']}]`,
    ),
  ),
  ...cases('INVALID_BRANCH', `${SECOND}.pins["a b"]`, '26:12', '{main:', '{a b:'),
  ...cases('INVALID_PIN', `${SECOND}.pins.main["a/b"]`, '26:19', '{debian-12:', '{a/b:'),
  ...cases('INVALID_PIN', `${SECOND}.pins.main.debian-12`, '26:30', ' v1}', ' "v 1"}'),
  ...cases('TOO_MANY_POLICIES', 'keepAliases', '5:14', '[latest]', `[${many}]`),
];

test('the file that every problem starts from has none', () => {
  expect(problemsOf(VALID)).toEqual([]);
});

test.each(CASES.map(([code, path, place, file], number) => ({ number, code, path, place, file })))(
  'a problem is reported once, by its code, path and place: $number $code $path $place',
  ({ code, path, place, file }) => {
    const problems = problemsOf(file);
    const reported = problems.map((each) => ({
      code: each.code,
      file: each.file,
      path: each.path ?? '',
      place: each.line === undefined ? undefined : `${each.line}:${each.column ?? ''}`,
    }));
    expect(reported).toEqual([{ code, file: FILE, path, place }]);
    for (const { problem, remedy } of problems) {
      expect(problem).toMatch(/\S{2}/);
      expect(remedy).toMatch(/\S{2}/);
      expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
    }
  },
);

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
  const reported = problemsOf(text).map(({ code, path }) => `${code} ${path}`);
  expect(reported.toSorted()).toEqual([
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

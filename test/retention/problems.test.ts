import { describe, expect, test } from 'vitest';
import { loadRetention } from '../../src/retention/load-retention.ts';
import { RETENTION_PROBLEM_CODES } from '../../src/retention/problem-code.ts';
import type { RetentionProblemCode } from '../../src/retention/problem-code.ts';
import { InvalidInputError } from '../../src/problem.ts';
import type { Problem } from '../../src/problem.ts';
import { memoryTree } from '../support/memory-tree.ts';
import type { MemoryFile } from '../support/memory-tree.ts';
import { digest, FILE } from './retention-fixture.ts';

const D = digest('a');

const VALID = `dryRun: true
window: 90d
keepNewest: 5
untaggedAfter: 14d
keepAliases: [latest]
allow:
  - debian-12
  - debian-12:v1
  - debian-12@${D}
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

type Mistake = readonly [
  code: RetentionProblemCode,
  file: MemoryFile | undefined,
  path: string,
  place?: string,
];

const many = Array.from({ length: 351 }, (_, number) => `i${number}`).join();

/** Every mistake is one edit away from the valid file. */
const MISTAKES: readonly Mistake[] = [
  ['FILE_MISSING', undefined, ''],
  ['FILE_MISSING', { symlink: 'elsewhere.yml' }, ''],
  ['FILE_TOO_LARGE', '#'.repeat(1024 * 1024 + 1), ''],
  ['NOT_UTF8', new Uint8Array([0x23, 0xff]), ''],
  ['YAML_SYNTAX', edited('window: 90d', 'window: "90d'), '', '10:1'],
  ['YAML_SYNTAX', edited('window', 'dryRun'), 'dryRun', '2:1'],
  ['YAML_ALIASES', edited('[latest]', '*none'), 'keepAliases', '5:14'],

  ['UNKNOWN_KEY', edited('keepAliases', 'keepAlias'), 'keepAlias', '5:1'],
  ['MISSING_KEY', edited('dryRun: true\n', ''), 'dryRun', '1:1'],
  ['MISSING_KEY', edited('window: 90d\n', ''), 'window', '1:1'],
  ['MISSING_KEY', edited('keepNewest: 5\n', ''), 'keepNewest', '1:1'],
  ['MISSING_KEY', edited('untaggedAfter: 14d\n', ''), 'untaggedAfter', '1:1'],
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
  ['INVALID_DURATION', edited('90d', '90 days'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '7776000s'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '0d'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '23h'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '-90d'), 'window', '2:9'],
  ['INVALID_DURATION', edited('90d', '3651d'), 'window', '2:9'],
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
  ['TOO_MANY_POLICIES', edited('[latest]', `[${many}]`), 'keepAliases', '5:14'],
];

test('the file that every mistake starts from has none', () => {
  expect(problemsOf(VALID)).toEqual([]);
});

describe('a mistake is told once, by its code, path and place', () => {
  test.each(MISTAKES.map((mistake, number) => ({ mistake, number })))(
    '$number: $mistake.0 $mistake.2 $mistake.3',
    ({ mistake: [code, file, path, place] }) => {
      const told = problemsOf(file).map((each) => ({
        code: each.code,
        file: each.file,
        path: each.path,
        place: each.line === undefined ? undefined : `${each.line}:${each.column ?? ''}`,
      }));
      expect(told).toEqual([{ code, file: FILE, path, place }]);
    },
  );
});

test('every code has a mistake that leads to it', () => {
  const covered = new Set(MISTAKES.map(([code]) => code));
  expect(RETENTION_PROBLEM_CODES.filter((code) => !covered.has(code))).toEqual([]);
});

test('every mistake is told with a problem and a remedy', () => {
  for (const { problem, remedy } of MISTAKES.flatMap(([, file]) => problemsOf(file))) {
    expect(problem).toMatch(/\S{2}/);
    expect(remedy).toMatch(/\S{2}/);
    expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
  }
});

test('an empty file lacks every key that decides about deletion', () => {
  const keys = ['dryRun', 'window', 'keepNewest', 'untaggedAfter'];
  for (const text of ['', '# nothing\n', '{}']) {
    expect(problemsOf(text).map(({ code, path }) => `${code} ${path}`)).toEqual(
      keys.map((key) => `MISSING_KEY ${key}`),
    );
  }
});

test('every mistake is told at once', () => {
  const text = `dryRun: no
window: 90
keepNewest: 0
keepAliases: [1.30, latest, latest]
allowed: [debian-12]
allow: [debian-12@sha256:12]
`;
  expect(
    problemsOf(text)
      .map(({ code, path }) => `${code} ${path}`)
      .sort(),
  ).toEqual([
    'DUPLICATE_ENTRY keepAliases[2]',
    'INVALID_COUNT keepNewest',
    'INVALID_DURATION window',
    'INVALID_ENTRY allow[0]',
    'MISSING_KEY untaggedAfter',
    'UNKNOWN_KEY allowed',
    'UNQUOTED_VALUE keepAliases[0]',
    'WRONG_TYPE dryRun',
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

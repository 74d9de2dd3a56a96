import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printedBy } from './printed-by.ts';
import { started } from './registry-project.ts';

const IMMUTABLE = 'ab'.repeat(16);
const promote = (root: string, ...args: string[]) => printedBy(root, 'promote', ...args);
const FILE = ['--kpromo', 'images.yaml'];
const read = (root: string) => readFileSync(join(root, 'images.yaml'), 'utf8');

test('what branches need goes into the file by digest, under tags that never move, and once', async () => {
  const { root, push } = await started('debian-12');
  const digest = push('new', 'latest', IMMUTABLE, 'main', 'release-1.0');
  expect(await promote(root, ...FILE)).toEqual({
    status: 0,
    stdout: 'images.yaml: 1 added.\n',
    stderr: '',
  });
  const written = `- name: debian-12\n  dmap:\n    "${digest}": ["${IMMUTABLE}"]\n`;
  expect(read(root)).toBe(written);
  const again = await promote(root, ...FILE);
  expect(again).toMatchObject({ status: 0, stdout: 'images.yaml has them already.\n' });
  expect(read(root)).toBe(written);
});

test('a tag that a branch names itself is promoted as well, of one branch where it is named', async () => {
  const { root, push } = await started('debian-12:v1');
  const digest = push('new', 'v1', 'latest');
  expect(await promote(root, ...FILE, '--branch', 'release-1.0')).toMatchObject({ status: 0 });
  expect(read(root)).toBe(`- name: debian-12\n  dmap:\n    "${digest}": ["v1"]\n`);
});

test('a tag that would move is an error, and the file stays', async () => {
  const { root, push } = await started('debian-12:v1');
  push('new', 'v1');
  const before = `- name: debian-12\n  dmap:\n    "sha256:${'0'.repeat(64)}": ["v1"]\n`;
  writeFileSync(join(root, 'images.yaml'), before);
  const { status, stderr } = await promote(root, ...FILE);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^images\.yaml:3:\d+ .*TAG_WOULD_MOVE/),
  ]);
  expect(read(root)).toBe(before);
});

test('what the registry does not have is said, and the rest is written', async () => {
  const { root, push } = await started('debian-12:v1');
  push('new', 'v2');
  const { status, stderr } = await promote(root, ...FILE);
  expect(stderr).toContain('the registry does not have debian-12:v1, which main needs');
  expect(status).toBe(1);
  expect(existsSync(join(root, 'images.yaml'))).toBe(false);
});

test.each<[string, string[], RegExp]>([
  ['no file', [], /NO_PROMOTION_FILE/],
  ['a folder that is not there', ['--kpromo', 'a/images.yaml'], /FILE_UNWRITABLE[\s\S]*make the/],
  [
    'a branch that is misspelled',
    [...FILE, '--branch', 'release-1.1'],
    /did you mean release-1\.0/,
  ],
])('%s is an error', async (_, args, remedy) => {
  const { root, push } = await started('debian-12:v1');
  push('new', 'v1');
  const { status, stderr } = await promote(root, ...args);
  expect(stderr).toMatch(remedy);
  expect(status).toBe(1);
});

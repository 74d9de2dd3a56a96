import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printedBy } from './printed-by.ts';
import { started, WHOLE } from './registry-project.ts';

const pin = (root: string, ...args: string[]) => printedBy(root, 'pin', ...args);
const retentionOf = (root: string) => readFileSync(join(root, 'config/retention.yml'), 'utf8');

test('a branch is pinned to the digest of latest, in place, and once', async () => {
  const { root, push } = await started('debian-12');
  const latest = push('new', 'latest');
  const expected = `    pins:\n      release-1.0:\n        debian-12: ${latest}\n`;
  expect(await pin(root, 'release-1.0', 'debian-12')).toEqual({
    status: 0,
    stdout: `config/retention.yml: ci release-1.0 is pinned to debian-12@${latest}. The first up after the merge moves the alias release-1.0 there.\n`,
    stderr: '',
  });
  const written = retentionOf(root);
  expect(written).toBe(WHOLE.replace('repository: .\n', `repository: .\n${expected}`));
  const again = await pin(root, 'release-1.0', 'debian-12', '--source', 'ci');
  expect(again.stdout).toBe(`ci release-1.0 is pinned to debian-12@${latest} already.\n`);
  expect(retentionOf(root)).toBe(written);

  push('old', 'v1');
  expect(await pin(root, 'release-1.0', 'debian-12', '--to', 'v1')).toMatchObject({ status: 0 });
  expect(retentionOf(root)).toBe(written.replace(latest, 'v1'));
});

test.each<[string, string[], RegExp]>([
  ['a branch that is misspelled', ['release-1.1', 'debian-12'], /did you mean release-1\.0\?/],
  ['a branch that is not there', ['x', 'debian-12'], /"x" is no supported branch; run images/],
  ['an image that is misspelled', ['main', 'debian-21'], /did you mean debian-12\?/],
  ['another source', ['main', 'debian-12', '--source', 'cy'], /did you mean ci\?/],
  ['a version that is not there', ['main', 'debian-12', '--to', 'v9'], /has no debian-12:v9;/],
])('%s is an error, and nothing is written', async (_, args, remedy) => {
  const { root } = await started('debian-12');
  const { status, stderr } = await pin(root, ...args);
  expect(stderr).toMatch(remedy);
  expect(status).toBe(1);
  expect(retentionOf(root)).toBe(WHOLE);
});

test('an image that the branch names with a tag is not pinned', async () => {
  const { root } = await started('debian-12:v1');
  const { stderr } = await pin(root, 'main', 'debian-12');
  expect(stderr).toMatch(/^UNKNOWN_PIN\n {2}main names debian-12:v1 itself; change it there/);
});

test('what is neither a tag nor a digest is a wrong command line', async () => {
  const { root } = await started('debian-12');
  expect(await pin(root, 'main', 'debian-12', '--to', 'a b')).toMatchObject({ status: 2 });
});

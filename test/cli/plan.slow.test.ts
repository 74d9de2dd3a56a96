import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CATALOG, checkout } from './checkout-fixture.ts';
import { commitAll } from './propose-fixture.ts';
import { printedBy } from './printed-by.ts';
import { CHECKOUT, DISK } from '../catalog/checkout.ts';
import { git } from '../git/git-repository.ts';

const URL_41 = 'https://images.example/fedora/41/Fedora-41-1.4.qcow2';
const SUM = `sha256:${'b'.repeat(64)}`;
const DISKS = `${CATALOG}  - kind: vm-disk
    distribution: fedora
    version: '41'
    url: ${URL_41}
    checksum: ${SUM}
    enlargeBy: 8G
`;

/** A repository in which the files of the checkout are committed. */
function repository(files: Record<string, string> = {}): string {
  const root = checkout(files);
  git(root, ['init', '--quiet', '--initial-branch=main']);
  commitAll(root, 'x');
  return root;
}

/** A checkout whose catalog is committed as `before`, and is `after` by now. */
function changed(before: string, after: string): string {
  const root = repository({ 'config/images.yml': before, [DISK]: CHECKOUT[DISK] ?? '' });
  writeFileSync(join(root, 'config/images.yml'), after);
  return root;
}

function planAgainst(root: string, revision = 'HEAD') {
  return printedBy(root, 'plan', '--json', '--against', revision);
}

async function shown(root: string): Promise<readonly string[]> {
  const { stdout, stderr } = await planAgainst(root);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
}

test('plan --against prints what has another tag, and what is new', async () => {
  expect(await shown(changed(DISKS, DISKS))).toEqual([]);
  expect(await shown(changed(DISKS, DISKS.replace('8G', '9G')))).toEqual(['vm-fedora-41']);
  expect(await shown(changed(CATALOG, DISKS))).toEqual(['vm-fedora-41']);
});

test('a URL of another build with the checksum of the one before is refused, at the checksum', async () => {
  const { status, stdout, stderr } = await planAgainst(
    changed(DISKS, DISKS.replaceAll('41', '42').replace('1.4', '1.1')),
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /^config\/images\.yml:11:15 {2}images\[1\]\.checksum {2}CHECKSUM_STAYED\n/,
  );
  expect(stderr).toContain(URL_41);
});

test('a file that has only moved, and a build with a checksum of its own, are no mistake', async () => {
  const moved = DISKS.replace('images.example', 'archive.example/pub');
  expect(await shown(changed(DISKS, moved))).toEqual([]);
  const newer = DISKS.replace('-1.4', '-1.5').replace(SUM, SUM.replaceAll('b', 'c'));
  expect(await shown(changed(DISKS, newer))).toEqual(['vm-fedora-41']);
});

test('a mistake that the catalog had before and has no more does not keep from comparing', async () => {
  const before = DISKS.replace('/fedora/41/', '/fedora/41/latest/');
  const after = DISKS.replace(SUM, SUM.replaceAll('b', 'c'));
  expect(await shown(changed(before, after))).toEqual(['vm-fedora-41']);
});

test('what can not be compared with is told of the revision', async () => {
  const root = changed('images: [{}]', DISKS);
  expect((await planAgainst(root)).stderr).toContain('HEAD:config/images.yml:1:');
  expect(await planAgainst(root, 'no-such')).toMatchObject({ status: 1, stdout: '' });
});

/** Runs `images plan`: what it prints, and the files that it warns of. */
async function plan(root: string) {
  const { status, stdout, stderr } = await printedBy(root, 'plan', '--json');
  expect(status).toBe(0);
  const lines = stderr.split('\n').filter((line) => line !== '');
  const warned = lines.map((line) => /^warning: (.*) is not in git/.exec(line)?.[1] ?? line);
  return { stdout, warned };
}

test('a checkout that git knows all of is planned without a warning', async () => {
  expect((await plan(repository())).warned).toEqual([]);
});

test('a file of a context that git does not know is warned of, and not in the JSON', async () => {
  const root = repository({ '.gitignore': '*.swp\n' });
  for (const name of ['.swp', 'new file', 'a*b']) writeFileSync(join(root, 'ctx', name), '');
  writeFileSync(join(root, 'elsewhere'), '');
  const { stdout, warned } = await plan(root);
  // Ignored by git is unknown to git all the same.
  expect(warned).toEqual(['ctx/.swp', 'ctx/a*b', 'ctx/new file']);
  expect(JSON.parse(stdout)).toHaveLength(1);
});

test('a file that .dockerignore names changes no tag, and is not warned of', async () => {
  const root = repository({ 'ctx/.dockerignore': '*.log\n' });
  writeFileSync(join(root, 'ctx/build.log'), '');
  expect((await plan(root)).warned).toEqual([]);
});

test('a Dockerfile and an ignore file that git does not know are warned of', async () => {
  const root = repository();
  git(root, ['rm', '--cached', '--quiet', 'ctx/Dockerfile']);
  writeFileSync(join(root, 'ctx/.dockerignore'), '');
  expect((await plan(root)).warned).toEqual(['ctx/.dockerignore', 'ctx/Dockerfile']);
});

test('a repository inside of a context is warned of file by file', async () => {
  const root = repository();
  mkdirSync(join(root, 'ctx/inner'));
  git(join(root, 'ctx/inner'), ['init', '--quiet']);
  writeFileSync(join(root, 'ctx/inner/file'), '');
  expect((await plan(root)).warned).toContain('ctx/inner/file');
});

test('outside of a repository nothing is warned of', async () => {
  expect((await plan(checkout({ 'ctx/file': '' }))).warned).toEqual([]);
});

test('very many files are counted after the first twenty', async () => {
  const root = repository();
  for (let at = 0; at < 25; at++) writeFileSync(join(root, `ctx/file${at}`), '');
  const { warned } = await plan(root);
  expect(warned).toHaveLength(21);
  expect(warned.at(-1)).toContain('and 5 more');
});

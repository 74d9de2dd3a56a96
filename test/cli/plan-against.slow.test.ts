import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CATALOG, checkout } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { CHECKOUT, DISK } from '../catalog/checkout.ts';

const URL_41 = 'https://images.example/fedora/41/Fedora-41-1.4.qcow2';
const SUM = `sha256:${'b'.repeat(64)}`;
const DISKS = `${CATALOG}  - kind: vm-disk
    distribution: fedora
    version: '41'
    url: ${URL_41}
    checksum: ${SUM}
    enlargeBy: 8G
`;

function git(cwd: string, ...args: string[]): void {
  const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  const { status, stderr } = spawnSync('git', [...author, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A checkout whose catalog is committed as `before`, and is `after` by now. */
function changed(before: string, after: string): string {
  const root = checkout({ 'config/images.yml': before });
  mkdirSync(join(root, dirname(DISK)), { recursive: true });
  writeFileSync(join(root, DISK), CHECKOUT[DISK] ?? '');
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'x');
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

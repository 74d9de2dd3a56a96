import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { KUBESPRAY_LIST } from '../../src/refresh/lists/kubespray-list.ts';
import { BRANCHES, listText, sum, type Listed } from '../refresh/lists/some-list.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

const FILE = 'config/images.yml';
const EXCEPT = ['--except', 'debian-10', 'ubuntu-2004'];

/** A checkout of this project's own catalog, and one of Kubespray with this list. */
function own(list: string) {
  const root = checkout(OWN_CONFIG);
  const kubespray = temporaryFolder();
  const place = join(kubespray, KUBESPRAY_LIST);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, list);
  const run = (...args: string[]) => printedBy(root, 'import', 'kubespray', ...args);
  const read = () => readFileSync(join(root, FILE), 'utf8');
  return { root, kubespray, place, run, read };
}

test('the list of a checkout, or its file: --check exits with 4, the import with 0, and then both with 0', async () => {
  const { kubespray, place, run, read } = own(listText(BRANCHES.master));
  const before = read();
  const check = await run(kubespray, '--check');
  expect(check).toMatchObject({ status: 4, stderr: '' });
  expect(read()).toBe(before);
  expect(check.stdout).toMatch(/^vm-opensuse-leap-16-0 +new +- +https:\S+Build1\.1\.qcow2$/m);
  expect(check.stdout).toMatch(/^vm-fedora-42 +gone +there +-$/m);
  expect(check.stdout).toContain(`${FILE}: 1 disk new, 1 disk gone; nothing is written.\n`);
  expect(check.stdout).toContain('a branch may need them: vm-fedora-42. Delete an entry once');

  const { status, stdout } = await run(place);
  expect(status).toBe(0);
  expect(stdout).toContain(`${FILE}: 1 disk added, 1 disk marked as gone.\n`);
  const after = read();
  expect(after).not.toBe(before);
  expect((await run(kubespray)).stdout).toContain(`${FILE} has what the list has.\n`);
  expect(read()).toBe(after);
  expect((await run(kubespray, '--check')).status).toBe(0);
});

test('--check names what differs in url or checksum, as JSON too', async () => {
  const list = listText(BRANCHES['release-2.31']).replace(
    /(debian-13-\S+\n +checksum: sha512:)a7/,
    '$1b8',
  );
  const { kubespray, run } = own(list);
  const { status, stdout } = await run(kubespray, '--check', '--json');
  expect(status).toBe(4);
  const found = JSON.parse(stdout) as Record<string, { images: string[]; kind: string }[]>;
  expect(found['changes']?.map(({ images, kind }) => `${images.join()} ${kind}`)).toEqual([
    'vm-debian-13 checksum',
    'vm-ubuntu-2404 url',
    'vm-ubuntu-2404 checksum',
  ]);
  expect(found).toMatchObject({
    written: false,
    new: [],
    gone: ['vm-fedora-44', 'vm-ubuntu-2604'],
    moving: ['vm-ubuntu-2204'],
    older: ['vm-ubuntu-2404'],
  });
});

test('each problem of a list is told, with 1, and nothing is written', async () => {
  const bad = BRANCHES.master.map((disk, at) => (at < 3 ? { ...disk, checksum: 'md5:1' } : disk));
  const { kubespray, run, read } = own(listText(bad));
  const before = read();
  for (const args of [[kubespray], [kubespray, '--check']]) {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.match(/main\.yml:\d+:15 {2}images\.\S+ {2}INVALID_CHECKSUM$/gm)).toHaveLength(3);
  }
  expect(read()).toBe(before);
});

test.each<[what: string, problem: string, path: (place: string, root: string) => string]>([
  ['nothing', 'FILE_MISSING', () => 'nowhere'],
  ['a checkout without the list', 'FILE_MISSING', (_, root) => join(root, 'config')],
  ['another file', 'LIST_EMPTY', (_, root) => join(root, 'config/retention.yml')],
  ['no text', 'NOT_UTF8', (place) => (writeFileSync(place, Buffer.from([0xff, 0xfe])), place)],
  [
    'a file that is too large',
    'FILE_TOO_LARGE',
    (place) => (writeFileSync(place, ' '.repeat(2 ** 20 + 1)), place),
  ],
  ['aliases that multiply', 'YAML_ALIASES', (place) => (writeFileSync(place, bomb()), place)],
  ['a device', 'FILE_MISSING', () => '/dev/null'],
])('a path to %s exits with 1: %s', async (_, problem, path) => {
  const { root, place, run } = own('images: {}\n');
  const { status, stderr } = await run(path(place, root));
  expect(status).toBe(1);
  expect(stderr).toContain(problem);
});

function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`,
  );
  return ['a0: &a0 [1]', ...levels, 'images: { x-1: *a9 }', ''].join('\n');
}

test('another list, or none, is refused', async () => {
  const { root } = own('');
  const other = await printedBy(root, 'import', 'kubespry', 'x');
  expect(other).toMatchObject({
    status: 1,
    stderr: 'UNKNOWN_LIST\n  "kubespry" is no list of disks; did you mean kubespray?\n',
  });
  expect((await printedBy(root, 'import')).status).toBe(2);
});

test('--catalog names another catalog, which may lie elsewhere', async () => {
  const { root, kubespray, run, read } = own(listText(BRANCHES.master));
  const before = read();
  const other = join(temporaryFolder(), 'other.yml');
  writeFileSync(other, before);
  expect((await run(kubespray, '--catalog', other)).status).toBe(0);
  expect(readFileSync(other, 'utf8')).toContain('vm-opensuse-leap-16-0');
  expect(read()).toBe(before);
  const missing = await run(kubespray, '--catalog', 'config/none.yml');
  expect(missing).toMatchObject({ status: 1 });
  expect(missing.stderr).toMatch(/^config\/none\.yml {2}FILE_MISSING/);
  writeFileSync(
    join(root, 'config/broken.yml'),
    'images:\n  - kind: vm-disk\n    distribution: debian\n',
  );
  const broken = await run(kubespray, '--catalog', 'config/broken.yml', '--check');
  expect(broken.stderr).toContain('config/broken.yml:2:5  images[0].version  MISSING_KEY');
});

test('an address that moves is imported as the newest build of its publisher', async () => {
  const { origin } = await scriptedServer(({ url }) => {
    if (url === '/releases/noble/')
      return { status: 200, body: '<a href="release-20260826/">x</a>' };
    const file = 'ubuntu-24.04-server-cloudimg-amd64.img';
    if (url === '/releases/noble/release-20260826/SHA256SUMS')
      return { status: 200, body: `${'d'.repeat(64)} *${file}` };
    return url === `/releases/noble/release-20260826/${file}`
      ? { status: 206, body: 'x' }
      : { status: 404 };
  });
  const disk = (key: string, codename: string): Listed => ({
    key,
    url: `${origin}/${codename}/current/${codename}-server-cloudimg-amd64.img`,
    checksum: sum('a'),
  });
  const debian = { key: 'debian-12', url: 'https://a.test/debian-12.qcow2', checksum: sum('b') };
  const { root, kubespray, place } = own(listText([debian, disk('ubuntu-2404', 'noble')]));
  const start = `images:\n  - kind: vm-disk\n    distribution: debian\n    version: "12"\n    url: ${debian.url}\n    checksum: ${debian.checksum}\n`;
  writeFileSync(join(root, FILE), start);
  const run = () => printedBy(root, 'import', 'kubespray', kubespray);
  expect(await run()).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(root, FILE), 'utf8')).toContain(
    `url: ${origin}/releases/noble/release-20260826/ubuntu-24.04-server-cloudimg-amd64.img\n    checksum: sha256:${'d'.repeat(64)}\n`,
  );
  expect((await run()).stdout).toContain(
    "The list's address moves, and any build is right: vm-ubuntu-2404.",
  );

  writeFileSync(
    place,
    listText([debian, disk('ubuntu-2204', 'jammy'), disk('ubuntu-2604', 'resolute')]),
  );
  const { status, stderr } = await run();
  expect(status).toBe(1);
  expect(stderr.match(/images\.ubuntu-2[26]04\.url {2}MOVING_URL$/gm)).toHaveLength(2);
  expect(await printedBy(root, 'import', 'kubespray', kubespray, '--check')).toMatchObject({
    status: 4,
  });
});

test('the keys of imports.except are left out, and those of --except too', async () => {
  const { kubespray, run } = own(listText(BRANCHES['release-2.30']));
  const { stdout } = await run(kubespray, '--check', '--except', 'rockylinux-9');
  expect(stdout).not.toContain('debian-10');
  expect((await run(kubespray, '--check', ...EXCEPT)).status).toBe(4);
});

test('a key of --except that the list does not have is a warning, one of imports.except is none', async () => {
  const { kubespray, run } = own(listText(BRANCHES['release-2.30']));
  const { stderr } = await run(kubespray, '--check', '--except', 'rockylinux-9', 'rockylinx-9');
  expect(stderr).toBe(
    'warning: --except names "rockylinx-9", which the list does not have: did you mean rockylinux-9?\n',
  );
});

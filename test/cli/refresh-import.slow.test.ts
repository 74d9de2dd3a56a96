import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import * as fixture from './propose-fixture.ts';
import { refresh } from './refresh-fixture.ts';
import { repositoryWith } from '../branches/some-source.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { KUBESPRAY_LIST } from '../../src/refresh/lists/kubespray-list.ts';
import { listText, sum, type Listed } from '../refresh/lists/some-list.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

const FILE = 'config/images.yml';
const CONTEXT = 'config/contexts/vm-disk/Dockerfile';
const FILES = { [CONTEXT]: String(OWN_CONFIG[CONTEXT]) };

/** Disks of a distribution that no publisher is asked for. */
const disk = (key: string, build: string, digit: string): Listed => ({
  key,
  url: `https://a.test/${key}/${build}/${key}.qcow2`,
  checksum: sum(digit),
});
const OLD = disk('custom-1', '20240101', 'a');
const NEW = disk('custom-1', '20250101', 'b');
const OTHER = disk('custom-2', '20250101', 'c');
const GONE = disk('custom-3', '20240101', 'd');

const entry = ({ key, url, checksum }: Listed, mark = '') => `
  - kind: vm-disk
    distribution: custom
    enlargeBy: 8G
    version: "${key.slice(-1)}"
    importedFrom: kubespray${mark}
    url: ${url}
    checksum: ${checksum}
`;

const catalog = (repository: string, ...entries: string[]) =>
  `imports:\n  - { list: kubespray, repository: ${repository}, branch: master, except: [made-by-hand-1] }\nimages:${entries.join('')}`;

/** A repository with a list on its branch `master`. */
const listed = (text: string) =>
  repositoryWith({ master: { [KUBESPRAY_LIST]: text }, main: { a: '' } });

function files(repository: string, ...entries: string[]) {
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
  const text = catalog(repository, ...entries);
  return { ...FILES, [FILE]: text };
}

test('a refresh takes what changes in the list of a branch, and marks what is gone', async () => {
  const repository = listed(listText([NEW, OTHER]));
  const root = checkout(files(repository, entry(OLD), entry(GONE)));
  const check = await refresh(root, '--check');
  expect(check).toMatchObject({ status: 4, stderr: '' });
  expect(check.stdout).toMatch(/:9 +url +20240101 +20250101 +the list has another$/m);
  expect(check.stdout).toMatch(/ disk +none +custom-2\.qcow2 +new in the list$/m);
  expect(check.stdout).toMatch(
    / importedFrom +\S+ +kubespray \(gone\) +the list has it no longer$/m,
  );
  expect(check.stdout).toMatch(/^vm-custom-2 +none +[0-9a-f]{32}$/m);

  const { status, stdout } = await refresh(root);
  expect(status).toBe(0);
  expect(stdout).toContain('4 values changed.');
  const after = catalog(repository, entry(NEW), entry(GONE, ' (gone)'), entry(OTHER));
  expect(readFileSync(join(root, FILE), 'utf8')).toBe(
    after.replace(/(custom\n)( +enlargeBy: 8G\n)( +version: "2")/, '$1$2$3'),
  );
  expect((await refresh(root)).stdout).toContain(`${FILE} is fresh.`);
});

test('a newer build of the catalog stays, and --only takes its images alone', async () => {
  const repository = listed(listText([OLD, OTHER, GONE]));
  const root = checkout(files(repository, entry(NEW)));
  const { stdout } = await refresh(root, '--only', 'vm-custom-1');
  expect(stdout).toContain(`${FILE} is fresh.`);
  const all = await refresh(root, '--check', '--json');
  const { changes } = JSON.parse(all.stdout) as { changes: { kind: string; images: string[] }[] };
  expect(changes.map(({ kind, images }) => `${kind} ${images.join()}`)).toEqual([
    'disk vm-custom-2',
    'disk vm-custom-3',
  ]);
});

test('the differences are proposed with the rest', async () => {
  const repository = listed(listText([NEW, OTHER]));
  const text = catalog(repository, entry(OLD));
  const { server, root, start, tip } = fixture.cloning(
    'merge-request',
    'clone on main',
    text,
    FILES,
  );
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
  const propose = () => refresh(root, '--propose', '--branch', 'main', '--host', 'gitlab');
  const { status, stderr, stdout } = await propose();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('3 values proposed for main on images-refresh of origin');
  const commit = tip('images-refresh');
  expect(server.git('diff', '--name-only', start, commit)).toBe(FILE);
  const message = server.git('log', '-1', '--format=%B', commit);
  expect(message).toContain(`- vm-custom-1: url\n  ${OLD.url} → ${NEW.url}\n`);
  expect(message).toContain(`- vm-custom-2: disk\n  new: ${OTHER.url} (${OTHER.checksum})\n`);
  expect((await propose()).stdout).toContain('3 values already proposed');
  expect(tip('images-refresh')).toBe(commit);
});

test.each<[what: string, repository: () => string, problem: RegExp]>([
  [
    'can not be read',
    () => `file://${temporaryFolder()}/none`,
    /REPOSITORY_UNREACHABLE\n {2}the list of kubespray can't be read: /,
  ],
  ['has no such branch', () => repositoryWith({ main: { a: '' } }), /BRANCH_MISSING\n/],
  [
    'has no list',
    () => repositoryWith({ master: { a: '' } }),
    /^kubespray@master:test-infra\S+main\.yml {2}FILE_MISSING\n/,
  ],
  ['is empty', () => listed('images:\n'), /^kubespray@master:\S+:1:8 {2}images {2}LIST_EMPTY\n/],
  [
    'has problems',
    () => listed(listText([NEW, { ...OTHER, checksum: '{{ sum }}' }])),
    /^kubespray@master:\S+main\.yml:19:15 .*LIST_TEMPLATE$/m,
  ],
])('a list that %s changes nothing, and the run ends with 1', async (_, repository, problem) => {
  const all = files(repository(), entry(OLD));
  const root = checkout(all);
  const { status, stderr } = await refresh(root);
  expect(status).toBe(1);
  expect(stderr).toMatch(problem);
  expect(readFileSync(join(root, FILE), 'utf8')).toBe(all[FILE]);
});

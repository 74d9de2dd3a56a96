import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CATALOG, checkout, repository } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { CHECKOUT, DISK } from '../catalog/checkout.ts';
import { git } from '../git/git-repository.ts';

const URL_41 = 'https://images.example/fedora/41/Fedora-41-1.4.qcow2';
const SUM = `sha256:${'b'.repeat(64)}`;
const OTHER_SUM = `sha256:${'c'.repeat(64)}`;
const DISKS = `${CATALOG}  - kind: vm-disk
    distribution: fedora
    version: '41'
    url: ${URL_41}
    checksum: ${SUM}
    enlargeBy: 8G
`;

const NOT_COMMITTED =
  'warning: config/images.yml is not as in the commit; commit the change, or undo it\n';

/** Runs `images plan` where the catalog is committed as `before`, and is `after` by now. */
function planAgainst(before: string, after: string, revision = 'HEAD') {
  const root = repository({ 'config/images.yml': before, [DISK]: CHECKOUT[DISK] ?? '' });
  writeFileSync(join(root, 'config/images.yml'), after);
  return printedBy(root, 'plan', '--json', '--against', revision);
}

describe('plan --against', () => {
  const named = (url: string) => DISKS.replace(URL_41, url);
  test.each([
    ['an image that stays', DISKS, DISKS, []],
    ['another build input', DISKS, DISKS.replace('8G', '9G'), ['vm-fedora-41']],
    ['an image that is new', CATALOG, DISKS, ['vm-fedora-41']],
    ['a file that has moved', DISKS, named(URL_41.replace('.example/', '.example/pub/')), []],
    [
      'a build with a checksum of its own',
      DISKS,
      named(URL_41.replace('-1.4', '-1.5')).replace(SUM, OTHER_SUM),
      ['vm-fedora-41'],
    ],
    [
      'a mistake that is corrected',
      named(URL_41.replace('/41/', '/41/latest/')),
      DISKS.replace(SUM, OTHER_SUM),
      ['vm-fedora-41'],
    ],
  ])('prints what has another tag: %s', async (_, before, after, names) => {
    const { stdout, stderr } = await planAgainst(before, after);
    expect(stderr).toBe(names.length === 0 ? '' : NOT_COMMITTED);
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual(names);
  });

  test('rejects a URL of another build with the old checksum, at the checksum', async () => {
    const after = DISKS.replaceAll('41', '42').replace('1.4', '1.1');
    const { status, stdout, stderr } = await planAgainst(DISKS, after);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^config\/images\.yml:11:15 {2}images\[1\]\.checksum {2}CHECKSUM_STAYED\n/,
    );
    expect(stderr).toContain(URL_41);
  });

  test('reports the problems of the revision as there', async () => {
    const { stderr } = await planAgainst('images: [{}]', DISKS);
    expect(stderr).toContain('HEAD:config/images.yml:1:');
    expect(await planAgainst(DISKS, DISKS, 'no-such')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('plan warns of a file that the tag counts and the commit does not have', () => {
  /** Runs `images plan`: the files that it warns of. */
  async function warnedOf(root: string): Promise<readonly string[]> {
    const { status, stdout, stderr } = await printedBy(root, 'plan', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(1);
    const lines = stderr.split('\n').filter((line) => line !== '');
    return lines.map((line) => /^warning: (.*) is not in the commit/.exec(line)?.[1] ?? line);
  }

  test('in a context, also one that git ignores, and in no other folder', async () => {
    const root = repository({ '.gitignore': '*.swp\n' });
    expect(await warnedOf(root)).toEqual([]);
    for (const name of ['.swp', 'new file', 'a*b']) writeFileSync(join(root, 'ctx', name), '');
    writeFileSync(join(root, 'elsewhere'), '');
    expect(await warnedOf(root)).toEqual(['ctx/.swp', 'ctx/a*b', 'ctx/new file']);
  });

  test('and not of one that .dockerignore names', async () => {
    const root = repository({ 'ctx/.dockerignore': '*.log\n' });
    writeFileSync(join(root, 'ctx/build.log'), '');
    expect(await warnedOf(root)).toEqual([]);
  });

  test('which may be a Dockerfile or an ignore file', async () => {
    const root = repository();
    git(root, ['rm', '--cached', '--quiet', 'ctx/Dockerfile']);
    git(root, ['commit', '--quiet', '--message=without']);
    writeFileSync(join(root, 'ctx/.dockerignore'), '');
    expect(await warnedOf(root)).toEqual(['ctx/.dockerignore', 'ctx/Dockerfile']);
  });

  test('and rejects a repository inside of the context, which no commit can have', async () => {
    const root = repository();
    mkdirSync(join(root, 'ctx/inner'));
    git(join(root, 'ctx/inner'), ['init', '--quiet']);
    const { status, stderr } = await printedBy(root, 'plan');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ctx\/inner {2}SUBMODULE_IN_CONTEXT\n/);
  });

  test('except outside of a repository', async () => {
    expect(await warnedOf(checkout({ 'ctx/file': '' }))).toEqual([]);
  });

  test('and counts them after the first twenty', async () => {
    const root = repository();
    for (let at = 0; at < 25; at++) writeFileSync(join(root, `ctx/file${at}`), '');
    const warned = await warnedOf(root);
    expect(warned).toHaveLength(21);
    expect(warned.at(-1)).toContain('and 5 more');
  });
});

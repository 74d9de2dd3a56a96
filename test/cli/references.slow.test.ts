import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, RETENTION } from './checkout-fixture.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { printedBy } from './printed-by.ts';
import { git } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const SOURCES = `sources:
  - name: own
    repository: .
    branches: {default: main, releases: release-*, newest: 1}
    references: [{catalog: config/images.yml}]
  - name: kubespray
    aliasPrefix: kubespray-
    repository: .
    branches: {only: [main]}
    references:
      - files: [tests/files/*.yml]
        pattern: 'cloud_image: (?<image>[a-z0-9-]+)'
`;

/** A checkout whose main branch names two images, and whose release branch has a catalog only. */
function referring(sources = SOURCES): string {
  const root = repository({
    'config/retention.yml': RETENTION.replace('sources: []\n', sources),
    'tests/files/a.yml': 'cloud_image: suse-15\n',
  });
  git(root, ['branch', 'release-1.0']);
  return root;
}

function references(root: string, ...args: string[]) {
  return printedBy(root, 'references', ...args);
}

test('a table has the needs of each branch and their places', async () => {
  const { status, stdout } = await references(referring());
  expect(status).toBe(0);
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
  const short: unknown = expect.stringMatching(/^[0-9a-f]{12}$/);
  const found: unknown = expect.stringMatching(/^(main|release-1\.0) [0-9a-f]{12}$/);
  expect(lines).toEqual([
    ['IMAGE', 'main', 'release-1.0', 'kubespray-main'],
    ['debian-12', short, short, '-'],
    ['suse-15', '-', '-', 'any'],
    [''],
    ['FOUND IN'],
    ['debian-12', found, 'config/images.yml:3'],
    ['debian-12', found, 'config/images.yml:3'],
    ['suse-15', 'kubespray-main any', 'tests/files/a.yml:1'],
    [''],
    ['Not in the catalog, but referenced by consumers: suse-15'],
    [''],
    ['Not in the catalog, but named by catalogs of branches: none'],
    [''],
    ['In the catalog, but referenced by no consumer: debian-12'],
    [''],
    ['own: release-1.0 leaves when a release newer than release-1.0 appears'],
    [''],
  ]);
});

test('--json has branches, needs and the two lists', async () => {
  const { stdout } = await references(referring(), '--json');
  const printed = JSON.parse(stdout) as { needs: unknown[] };
  expect(printed).toMatchObject({
    branches: [
      { source: 'own', branch: 'main', alias: 'main' },
      { source: 'own', branch: 'release-1.0', alias: 'release-1.0' },
      { source: 'kubespray', branch: 'main', alias: 'kubespray-main' },
    ],
    notInCatalog: { consumers: ['suse-15'], catalogs: [] },
    notReferenced: ['debian-12'],
  });
  expect(printed.needs.at(-1)).toEqual({
    source: 'kubespray',
    branch: 'main',
    alias: 'kubespray-main',
    image: 'suse-15',
    isBare: true,
    places: [{ file: 'tests/files/a.yml', line: 1 }],
  });
});

test('a branch that can not be read ends with code 1, and prints no table', async () => {
  const root = referring(SOURCES.replace('only: [main]', 'only: [main, release-9]'));
  const { status, stdout, stderr } = await references(root);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/config\/retention\.yml {2}sources\[1\]\.branches {2}BRANCH_MISSING/);
});

test('a checkout that is behind its origin ends with code 1, and the command that helps', async () => {
  const root = referring();
  const checkout = temporaryFolder();
  git(checkout, ['clone', '--quiet', root, '.']);
  expect((await references(checkout)).status).toBe(0);
  git(root, ['commit', '--quiet', '--allow-empty', '--message=newer']);
  const { status, stdout, stderr } = await references(checkout);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^config\/retention\.yml {2}sources\[0\]\.repository {2}CLONE_STALE\n/);
  expect(stderr).toContain('run: git fetch --prune origin');
});

test('without sources no branch counts', async () => {
  const { status, stdout } = await references(referring('sources: []\n'));
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining('no branch counts') as unknown,
  });
});

test('what is fetched is kept where the user keeps such things', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/kubernetes-ci-images');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(cacheFolder({}));
  expect(cacheFolder({})).toMatch(join('.cache', 'kubernetes-ci-images'));
});

import { execFile } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { git, gitRepository } from './git-repository.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { sourceOpener } from '../../src/git/open-source.ts';
import { RepositoryUnreachable } from '../../src/branches/source.ts';
import { someSource } from '../branches/some-source.ts';

const places = () => ({ checkout: temporaryFolder(), cache: temporaryFolder() });
const open = (repository: string, where = places()) =>
  sourceOpener(where)(someSource(repository), (opened) => opened);

function contentOf(repository: ReturnType<typeof open>, branch: string): string {
  const tree = repository.read([branch]).get(branch);
  return Buffer.concat([...(tree?.read('file') ?? [])]).toString();
}

function upstream() {
  const repository = gitRepository();
  repository.branch('main', { file: 'main' });
  repository.branch('release-1.0', { file: 'release' });
  return repository;
}

function cloneOf(root: string, ...options: string[]): string {
  const folder = temporaryFolder();
  git(folder, ['clone', '--quiet', ...options, `file://${root}`, folder]);
  return folder;
}

describe('a clone', () => {
  test('knows the default branch and all others, without any of them checked out', () => {
    const repository = open(cloneOf(upstream().root, '--no-checkout'));
    expect(repository).toMatchObject({ defaultBranch: 'main', isPartial: false });
    expect([...repository.branches].toSorted()).toEqual(['main', 'release-1.0']);
    expect(contentOf(repository, 'release-1.0')).toBe('release');
  });

  test('is found relative to the checkout, which may be one itself', () => {
    const where = { ...places(), checkout: cloneOf(upstream().root) };
    expect(open('.', where).branches.size).toBe(2);
  });

  test('has what was fetched from origin before what a developer has', () => {
    const { root, branch } = upstream();
    const folder = cloneOf(root);
    branch('main', { file: 'newer' });
    git(folder, ['fetch', '--quiet']);
    expect(contentOf(open(folder), 'main')).toBe('newer');
  });

  test('has a default branch whatever is checked out, even nothing', () => {
    const folder = cloneOf(upstream().root);
    git(folder, ['checkout', '--quiet', '-b', 'feature']);
    expect(open(folder).defaultBranch).toBe('main');
    git(folder, ['checkout', '--quiet', '--detach']);
    expect(open(folder).defaultBranch).toBe('main');
  });

  test('of a CI system, which has no origin/HEAD, has no default branch to tell', () => {
    const folder = cloneOf(upstream().root);
    git(folder, ['remote', 'set-head', 'origin', '--delete']);
    expect(open(folder).defaultBranch).toBeUndefined();
  });

  test('without an origin has its own branches, unless its HEAD is detached', () => {
    const { root, git: run } = upstream();
    expect(open(root)).toMatchObject({ defaultBranch: 'main', isPartial: false });
    run('update-ref', '--no-deref', 'HEAD', 'refs/heads/main');
    expect(open(root).defaultBranch).toBeUndefined();
  });

  test.each([['--depth=1'], ['--single-branch'], ['--depth=1', '--no-single-branch']])(
    'made with %s may lack branches',
    (...options) => {
      const { root, branch } = upstream();
      branch('main', { file: 'second commit' });
      expect(open(cloneOf(root, ...options)).isPartial).toBe(true);
    },
  );

  test('that is empty has no branches', () => {
    expect(open(gitRepository().root).branches.size).toBe(0);
  });

  test('that is partial is refused: any file may be missing', () => {
    const repository = upstream();
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const folder = cloneOf(repository.root, '--filter=blob:none', '--no-checkout');
    expect(() => open(folder)).toThrow(/partial clone/);
  });
});

test.each(['none', '.', 'file:///nowhere/at/all', 'https://127.0.0.1:9/x', 'ssh://127.0.0.1:9/x'])(
  'a place without a repository is reported: %s',
  (place) => {
    expect(() => open(place)).toThrow(RepositoryUnreachable);
  },
);

describe('a URL', () => {
  test('is listed and fetched from each time: an earlier fetch is never taken for the present state', () => {
    const { root, branch, git: run } = upstream();
    const where = places();
    const repository = open(`file://${root}`, where);
    expect(repository).toMatchObject({ defaultBranch: 'main', isPartial: false });
    expect(contentOf(repository, 'main')).toBe('main');
    branch('main', { file: 'newer' });
    expect(contentOf(open(`file://${root}`, where), 'main')).toBe('newer');
    run('update-ref', '-d', 'refs/heads/release-1.0');
    expect([...open(`file://${root}`, where).branches]).toEqual(['main']);
    run('config', 'core.repositoryformatversion', '9');
    expect(() => open(`file://${root}`, where)).toThrow(RepositoryUnreachable);
  });

  test('whose branch goes in the meantime is reported', () => {
    const { root, git: run } = upstream();
    const read = () =>
      sourceOpener(places())(someSource(`file://${root}`), (repository) => {
        run('update-ref', '-d', 'refs/heads/release-1.0');
        return repository.read(['release-1.0']);
      });
    expect(read).toThrow(RepositoryUnreachable);
  });

  test('is fetched from again after a run that was killed: its lock is old', () => {
    const url = `file://${upstream().root}`;
    const where = places();
    contentOf(open(url, where), 'main');
    const [folder = ''] = readdirSync(where.cache);
    const lock = join(where.cache, folder, 'shallow.lock');
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    expect(contentOf(open(url, where), 'release-1.0')).toBe('release');
  });

  test('is fetched from by several at once', async () => {
    const { root } = upstream();
    const { cache } = places();
    const runs = [1, 2, 3, 4].map(() => readElsewhere(`file://${root}`, cache));
    expect(await Promise.all(runs)).toEqual(['main', 'main', 'main', 'main']);
  });
});

/** What the file says on main, read by another process. */
async function readElsewhere(repository: string, cache: string): Promise<string> {
  const opener = JSON.stringify(resolve('src/git/open-source.ts'));
  const places = JSON.stringify({ checkout: cache, cache });
  const script = `import { sourceOpener } from ${opener};
    sourceOpener(${places})({ repository: ${JSON.stringify(repository)} }, (repository) => {
      for (const piece of repository.read(['main']).get('main').read('file')) process.stdout.write(piece);
    });`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(execPath, args);
  return stdout;
}

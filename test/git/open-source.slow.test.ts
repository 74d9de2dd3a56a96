import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
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

function problemOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RepositoryUnreachable)) throw error;
    const { code, problem, remedy } = error;
    return { code, problem, remedy };
  }
  throw new Error('there is no problem');
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
    expect(repository).toMatchObject({ defaultBranch: 'main' });
    expect([...repository.branches].toSorted()).toEqual(['main', 'release-1.0']);
    expect(contentOf(repository, 'release-1.0')).toBe('release');
  });

  test('is found relative to the checkout, which may be one itself', () => {
    const where = { ...places(), checkout: cloneOf(upstream().root) };
    expect(open('.', where).branches.size).toBe(2);
  });

  test('has the branches that its origin has now, and no others', () => {
    const { root, branch, git: run } = upstream();
    const folder = cloneOf(root);
    git(folder, ['branch', 'release-2.0']);
    run('branch', 'release-1.1', 'main');
    run('branch', '-D', 'release-1.0');
    const repository = open(folder);
    expect([...repository.branches].toSorted()).toEqual(['main', 'release-1.1']);
    expect(contentOf(repository, 'release-1.1')).toBe('main');
    branch('main', { file: 'newer' });
    git(folder, ['fetch', '--quiet']);
    expect(contentOf(open(folder), 'main')).toBe('newer');
  });

  test.each<[string, string[], string, RegExp]>([
    ['is behind', [], 'CLONE_STALE', /run: git fetch --prune origin "\+refs/],
    ['is shallow', ['--depth=1'], 'SHALLOW_CLONE', /run: git fetch --unshallow.*fetch-depth: 0/],
  ])('that %s is no source: its origin has what it lacks', (_, options, code, remedy) => {
    const { root, branch } = upstream();
    const folder = cloneOf(root, ...options);
    const commit = branch('release-1.0', { file: 'newer' });
    const repository = open(folder);
    expect(contentOf(repository, 'main')).toBe('main');
    expect(problemOf(() => repository.read(['main', 'release-1.0']))).toEqual({
      code,
      problem: expect.stringContaining(`release-1.0 at ${commit.slice(0, 12)}`) as unknown,
      remedy: expect.stringMatching(remedy) as unknown,
    });
    const [, fetch = ''] =
      /git (fetch.*") \(/.exec(problemOf(() => repository.read(['release-1.0'])).remedy) ?? [];
    git(folder, fetch.replaceAll('"', '').split(' '));
    expect(contentOf(open(folder), 'release-1.0')).toBe('newer');
  });

  test('of a fork names the upstream, without its account', () => {
    const folder = cloneOf(upstream().root);
    expect(open(folder).warnings).toEqual([]);
    git(folder, ['remote', 'add', 'upstream', 'https://me:s3cret@example.org/up.git']);
    expect(open(folder).warnings).toEqual([
      expect.stringContaining('name https://***@example.org/up.git as the source') as unknown,
    ]);
  });

  test('whose remote is no origin has the branches of its own, and says so', () => {
    const folder = cloneOf(upstream().root, '--origin=upstream');
    const repository = open(folder);
    expect([...repository.branches]).toEqual(['main']);
    expect(repository.warnings).toEqual([
      expect.stringContaining('git remote rename upstream origin') as unknown,
    ]);
  });

  test('whose origin does not respond is no source, whatever it has', () => {
    const folder = cloneOf(upstream().root);
    git(folder, ['remote', 'set-url', 'origin', 'https://me:s3cret@127.0.0.1:9/x']);
    const { code, problem, remedy } = problemOf(() => open(folder));
    expect(code).toBe('REPOSITORY_UNREACHABLE');
    expect(problem).toMatch(/^its origin does not respond: /);
    expect(problem).not.toContain('s3cret');
    expect(remedy).toMatch(/^check the port in the address/);
  });

  test('has a default branch whatever is checked out, even nothing', () => {
    const folder = cloneOf(upstream().root);
    git(folder, ['checkout', '--quiet', '-b', 'feature']);
    expect(open(folder).defaultBranch).toBe('main');
    git(folder, ['checkout', '--quiet', '--detach']);
    expect(open(folder).defaultBranch).toBe('main');
  });

  test('of a CI system, which has no origin/HEAD, has the default branch of its origin', () => {
    const folder = cloneOf(upstream().root);
    git(folder, ['remote', 'set-head', 'origin', '--delete']);
    expect(open(folder).defaultBranch).toBe('main');
  });

  test('without an origin has its own branches, unless its HEAD is detached', () => {
    const { root, git: run } = upstream();
    expect(open(root)).toMatchObject({ defaultBranch: 'main' });
    run('update-ref', '--no-deref', 'HEAD', 'refs/heads/main');
    expect(open(root).defaultBranch).toBeUndefined();
  });

  test.each([['--bare'], ['--mirror'], ['--single-branch'], ['--depth=1', '--no-single-branch']])(
    'made with %s will do where it has the commits',
    (...options) => {
      const { root, git: run } = upstream();
      run('branch', '--force', 'release-1.0', 'main');
      expect(contentOf(open(cloneOf(root, ...options)), 'release-1.0')).toBe('main');
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

test('sources with one address see the same branches', () => {
  const { root, git: run } = upstream();
  const openSource = sourceOpener(places());
  const list = () => openSource(someSource(root), ({ branches }) => [...branches]);
  const before = list();
  run('branch', 'release-1.1', 'main');
  expect(list()).toEqual(before);
});

test('a URL and a shallow clone tell which commits a branch follows, and a whole clone counts them', () => {
  const { root, git: run } = upstream();
  const commits = [run('rev-parse', 'main').trim()];
  while (commits.length < 41) {
    const parent = commits.at(-1) ?? '';
    commits.push(run('commit-tree', 'main^{tree}', '-p', parent, '-m', 'next').trim());
  }
  run('update-ref', 'refs/heads/main', commits.at(-1) ?? '');
  const tip = (place: string, where = places()) => {
    const { recent, commits: count } = open(place, where).read(['main']).get('main') ?? {};
    return [recent, count] as const;
  };
  const where = places();
  const [recent = []] = tip(`file://${root}`, where);
  const before = commits.slice(-31, -1).map((commit) => commit.slice(0, 12));
  expect(recent).toEqual(before.toReversed());
  expect(tip(`file://${root}`, where)).toEqual([recent, undefined]);
  expect(tip(cloneOf(root, '--depth=3'))).toEqual([recent.slice(0, 2), undefined]);
  expect(tip(cloneOf(root))).toEqual([undefined, 41]);
});

test("of a repository of another user, git's own remedy is shown", () => {
  const { root } = upstream();
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
  const { problem, remedy } = problemOf(() => open(root));
  expect(problem).toContain('dubious ownership');
  expect(remedy).toBe(`if you trust it, run: git config --global --add safe.directory ${root}`);
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
    expect(repository).toMatchObject({ defaultBranch: 'main' });
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

  test('may have a branch below the name of one that was fetched before and is gone', () => {
    const { root, branch, git: run } = upstream();
    const where = places();
    branch('release', { file: 'release' });
    expect(contentOf(open(`file://${root}`, where), 'release')).toBe('release');
    run('update-ref', '-d', 'refs/heads/release');
    branch('release/1.0', { file: 'newer' });
    expect(contentOf(open(`file://${root}`, where), 'release/1.0')).toBe('newer');
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

  test.each<[string, keyof Evil]>([
    ['config', 'settings'],
    ['.git', 'link'],
    ['commondir', 'root'],
    ['hooks/reference-transaction', 'hook'],
    ['objects/info/alternates', 'objects'],
  ])('is fetched as ever, whatever is planted in the cache as %s', (path, key) => {
    const { root, branch } = upstream();
    const url = `file://${root}`;
    const where = places();
    contentOf(open(url, where), 'main');
    const [name = ''] = readdirSync(where.cache);
    const folder = join(where.cache, name);
    const evil = evilFor(url);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), evil[key], { mode: 0o755 });
    branch('main', { file: 'newer' });
    expect(contentOf(open(url, where), 'main')).toBe('newer');
    expect(existsSync(evil.mark)).toBe(false);
    expect(existsSync(join(folder, 'objects/info/alternates'))).toBe(false);
  });

  test('is fetched from by several at once', async () => {
    const { root } = upstream();
    const { cache } = places();
    const runs = [1, 2, 3, 4].map(() => readElsewhere(`file://${root}`, cache));
    expect(await Promise.all(runs)).toEqual(['main', 'main', 'main', 'main']);
  });
});

interface Evil {
  /** A repository with another content, whose settings are these. */
  readonly root: string;
  readonly settings: string;
  readonly objects: string;
  /** What a file `.git` has that leads there. */
  readonly link: string;
  /** A program that leaves the file `mark`. */
  readonly hook: string;
  readonly mark: string;
}

/** What leads git from `url` to another repository, and to programs. */
function evilFor(url: string): Evil {
  const { root, branch } = gitRepository();
  branch('main', { file: 'evil' });
  const settings = `[core]\nbare = true\n[url "file://${root}"]\ninsteadOf = ${url}\n`;
  writeFileSync(join(root, 'config'), settings);
  const mark = join(temporaryFolder(), 'mark');
  return {
    root,
    settings,
    objects: join(root, 'objects'),
    link: `gitdir: ${root}\n`,
    hook: `#!/bin/sh\ntouch ${mark}\n`,
    mark,
  };
}

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

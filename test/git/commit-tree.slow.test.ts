import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  git,
  gitRepository,
  writeFiles,
  type GitFiles,
  type GitRepository,
} from './git-repository.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { commitTree } from '../../src/git/commit-tree.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { emptyHashCache, hashContext } from '../../src/tag/hash-context.ts';
import type { FileTree } from '../../src/file-tree.ts';

const LARGE = Buffer.alloc(3 * 1024 * 1024 + 1, 'x').fill('y', 1024 * 1024);
const FILES: GitFiles = {
  'ctx/Dockerfile': 'FROM x',
  'ctx/bin/run': { executable: 'run' },
  'ctx/large': LARGE,
  'ctx/link': { symlink: 'bin/run' },
  'ctx/ä': '',
};

function treeOnDisk(files: GitFiles): FileTree {
  const root = temporaryFolder();
  writeFiles(root, files);
  return workingTree(root);
}

function repositoryOf(files: GitFiles): GitRepository {
  const repository = gitRepository();
  repository.branch('main', files);
  return repository;
}

function treeOf(files: GitFiles) {
  return commitTree(repositoryOf(files).root, 'main');
}

function contentOf(tree: FileTree, path: string): Buffer {
  return Buffer.concat([...tree.read(path)]);
}

describe.each([
  ['of a commit', treeOf],
  ['on disk', treeOnDisk],
])('a tree %s', (_, make) => {
  const open = () => make({ ...FILES, alias: { symlink: 'ctx' } });

  test('has its files', () => {
    const tree = open();
    expect(tree.entry('')?.kind).toBe('directory');
    expect(tree.list('ctx').toSorted()).toEqual(['Dockerfile', 'bin', 'large', 'link', 'ä']);
    expect(tree.entry('ctx/bin')?.kind).toBe('directory');
    expect(tree.entry('ctx/bin/run')).toEqual({ kind: 'file', executable: true });
    expect(tree.entry('ctx/Dockerfile')).toEqual({ kind: 'file', executable: false });
    expect(tree.entry('ctx/link')?.kind).toBe('symlink');
    expect(tree.readLink('ctx/link')).toBe('bin/run');
    expect(tree.size('ctx/bin/run')).toBe(3);
    expect(contentOf(tree, 'ctx/bin/run').toString()).toBe('run');
    expect(contentOf(tree, 'ctx/ä').length).toBe(0);
  });

  test('gives a large file in pieces that can all be kept', () => {
    const tree = open();
    expect([...tree.read('ctx/large')].length).toBeGreaterThan(1);
    expect(contentOf(tree, 'ctx/large').equals(LARGE)).toBe(true);
  });

  test('reaches nothing through a symlink or a file', () => {
    const tree = open();
    expect(tree.entry('alias/Dockerfile')).toBeUndefined();
    expect(tree.entry('ctx/Dockerfile/x')).toBeUndefined();
    expect(tree.entry('none/x')).toBeUndefined();
    expect(() => tree.list('alias')).toThrow('symlink');
    expect(() => tree.read('ctx/link')).toThrow('symlink');
    expect(() => tree.read('none')).toThrow('none');
  });

  test.each(['..', '../x', 'ctx/../../x', '/etc/passwd', './ctx', 'ctx/', 'a\0b'])(
    'throws for a path that leaves it, or is not in its plainest form: %j',
    (path) => {
      const tree = open();
      expect(() => tree.entry(path)).toThrow(RangeError);
      expect(() => tree.read(path)).toThrow(RangeError);
    },
  );
});

test('a context hashes the same in a commit and on disk', () => {
  const [inCommit, onDisk] = [treeOf, treeOnDisk].map((make) =>
    hashContext({ context: 'ctx', dockerfile: 'ctx/Dockerfile' }, make(FILES), emptyHashCache()),
  );
  expect(inCommit).toBe(onDisk);
});

test('a commit has the date of its committer, in UTC', () => {
  const { root, git: run } = repositoryOf({ file: '' });
  expect(commitTree(root, 'main').committedAt).toBe('2026-09-21T14:13:20.000Z');
  const tree = run('rev-parse', 'main^{tree}');
  const text = `tree ${tree}\nauthor a <a> 1 +0000\ncommitter a <a> 1790000000 +0530\n\nx\n`;
  const commit = git(root, ['hash-object', '-t', 'commit', '-w', '--stdin'], text);
  expect(commitTree(root, commit).committedAt).toBe('2026-09-21T14:13:20.000Z');
});

test('a submodule is neither file nor directory', () => {
  const tree = treeOf({ module: { submodule: 'a'.repeat(40) } });
  expect(tree.entry('module')?.kind).toBe('submodule');
  expect(() => tree.read('module')).toThrow('submodule');
});

test('the work tree does not matter', () => {
  const repository = gitRepository('checkout');
  const commit = repository.branch('main', { file: 'committed', gone: '' });
  writeFileSync(join(repository.root, 'file'), 'edited');
  writeFileSync(join(repository.root, 'more'), '');
  const tree = commitTree(repository.root, 'main');
  expect(tree.commit).toBe(commit);
  expect(contentOf(tree, 'file').toString()).toBe('committed');
  expect(tree.list('').toSorted()).toEqual(['file', 'gone']);
});

test('contents that were loaded together are read one by one', () => {
  const tree = treeOf({ ...FILES, 'ctx/module': { submodule: 'a'.repeat(40) } });
  tree.load(tree.files);
  expect(contentOf(tree, 'ctx/Dockerfile').toString()).toBe('FROM x');
  expect(tree.readLink('ctx/link')).toBe('bin/run');
});

describe('a name that is not UTF-8 is refused, not mangled', () => {
  test('where it is, and nowhere else', () => {
    const tree = treeOf({ 'latin1:ctx/\xff.yml': 'x', 'ctx/a.yml': 'a', 'b/c': '' });
    expect(() => tree.list('ctx')).toThrow(/^ctx {2}FILE_NAME_ENCODING/);
    expect(contentOf(tree, 'ctx/a.yml').toString()).toBe('a');
    expect(tree.list('b')).toEqual(['c']);
    expect(tree.files.map(({ path, isExact }) => [path, isExact])).toContainEqual([
      'ctx/\uFFFD.yml',
      false,
    ]);
  });

  test('as a directory', () => {
    expect(() => treeOf({ 'latin1:ctx/\xff/x': '' }).list('ctx')).toThrow(/FILE_NAME_ENCODING/);
  });

  test('as the target of a symlink', () => {
    const tree = treeOf({ link: { symlink: Buffer.of(0xff) } });
    expect(() => tree.readLink('link')).toThrow(/FILE_NAME_ENCODING/);
  });
});

describe("a revision that is not there is the reader's mistake", () => {
  test.each(['none', '', '--help', 'main:file', 'main^9'])('%j', (revision) => {
    const { root } = repositoryOf({ file: '' });
    expect(() => commitTree(root, revision)).toThrow(/REVISION_MISSING/);
  });

  test('nor is the one that is checked out before its first commit', () => {
    const { root } = gitRepository('checkout');
    expect(() => commitTree(root, 'HEAD')).toThrow(/check out a branch that has a commit/);
  });

  test('in a folder that is no repository, though one is around it', () => {
    const repository = gitRepository('checkout');
    repository.branch('main', { file: '' });
    const inner = join(repository.root, '.git/hooks');
    expect(() => commitTree(inner, 'main')).toThrow(/REVISION_MISSING/);
  });

  test('nor is an object that the repository has lost', () => {
    const repository = repositoryOf({ file: 'x' });
    rmSync(join(repository.root, 'objects'), { recursive: true });
    expect(() => commitTree(repository.root, 'main')).toThrow();
  });
});

test('a tag, a commit and a short commit are revisions as well', () => {
  const repository = repositoryOf({ file: '' });
  repository.git('tag', 'v1', 'main');
  const { commit } = commitTree(repository.root, 'v1');
  expect(commitTree(repository.root, commit.slice(0, 10)).commit).toBe(commit);
});

test('replacements, which no other clone has, do not matter', () => {
  const repository = repositoryOf({ file: 'true' });
  const commit = repository.git('rev-parse', 'main');
  repository.git('replace', commit, repository.branch('other', { file: 'replaced' }));
  expect(contentOf(commitTree(repository.root, commit), 'file').toString()).toBe('true');
});

test('the repository that a git hook works for is not taken for the one that is meant', () => {
  const { root } = repositoryOf({ file: 'meant' });
  vi.stubEnv('GIT_DIR', repositoryOf({ file: 'of the hook' }).root);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  expect(contentOf(commitTree(root, 'main'), 'file').toString()).toBe('meant');
});

test('a revision that a shallow or a partial clone lacks has the remedy of that clone', () => {
  const { root, git: run } = repositoryOf({ file: 'first' });
  run('config', 'uploadpack.allowFilter', 'true');
  const [shallow, partial] = [temporaryFolder(), temporaryFolder()];
  git('.', ['clone', '--quiet', '--depth=1', `file://${root}`, shallow]);
  expect(() => commitTree(shallow, 'HEAD~1')).toThrow(
    /shallow\); run: git fetch --unshallow.*fetch-depth: 0/,
  );
  git('.', ['clone', '--quiet', '--filter=tree:0', '--no-checkout', `file://${root}`, partial]);
  git(partial, ['remote', 'set-url', 'origin', '/nowhere']);
  expect(() => commitTree(partial, 'HEAD')).toThrow(/partial clone.*without --filter/);
});

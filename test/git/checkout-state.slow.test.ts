import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { git, gitRepository } from './git-repository.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { changedPaths, localCommit } from '../../src/git/checkout-state.ts';
import { askGit } from '../../src/git/run-git.ts';

const ORIGIN = ['config', 'remote.origin.url'];

test('the commit of a checkout is that of the repository around it', () => {
  const { root, branch } = gitRepository('checkout');
  const commit = branch('main', {});
  mkdirSync(join(root, 'inner'));
  expect(localCommit(join(root, 'inner'))).toEqual({ commit, dirty: false, origin: undefined });
});

test('the repository that a git hook works for is not taken for that of the checkout', () => {
  const other = gitRepository('checkout');
  other.branch('main', {});
  vi.stubEnv('GIT_DIR', join(other.root, '.git'));
  expect(localCommit(temporaryFolder())).toEqual({});
});

test.each([
  ['a repository without a commit', () => gitRepository('checkout').root],
  ['no repository', temporaryFolder],
])('%s has no commit, which needs no warning', (_, folder) => {
  expect(localCommit(folder())).toEqual({});
});

test('a commit that git does not tell is warned of, with the remedy of git', () => {
  const { root, branch } = gitRepository('checkout');
  branch('main', {});
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  const { warning, ...known } = localCommit(root);
  expect(known).toEqual({});
  expect(warning).toContain(`detected dubious ownership in repository at '${root}'`);
  expect(warning).toContain(`run: git config --global --add safe.directory ${root}`);
});

test('a file that is not in git makes a checkout dirty where git is set to list none', () => {
  const { root, branch } = gitRepository('checkout');
  branch('main', {});
  git(root, ['config', 'status.showUntrackedFiles', 'no']);
  writeFileSync(join(root, 'file'), '');
  expect(localCommit(root)).toMatchObject({ dirty: true });
});

test.each(
  git('.', ['rev-parse', '--local-env-vars'])
    .split('\n')
    .filter((name) => !name.startsWith('GIT_CONFIG_')),
)('a checkout and its origin stay what they are where a hook has %s', (name) => {
  const { root, branch } = gitRepository('checkout');
  branch('main', { file: 'text' });
  git(root, ['reset', '--quiet', '--hard']);
  git(root, ['remote', 'add', 'origin', 'https://example.org/x.git']);
  const state = () => [localCommit(root), changedPaths(root), askGit(root, ORIGIN)];
  const before = state();
  expect(before).toMatchObject([{ dirty: false }, [], 'https://example.org/x.git']);
  vi.stubEnv(name, name === 'GIT_IMPLICIT_WORK_TREE' ? '0' : temporaryFolder());
  expect(state()).toEqual(before);
});

test('a setting of a checkout is not taken for absent where git does not run', () => {
  const { root } = gitRepository('checkout');
  expect(askGit(root, ORIGIN)).toBeUndefined();
  vi.stubEnv('PATH', temporaryFolder());
  expect(() => askGit(root, ORIGIN)).toThrow('git is not installed');
});

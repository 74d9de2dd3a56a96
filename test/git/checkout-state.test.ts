import { mkdirSync } from 'node:fs';
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

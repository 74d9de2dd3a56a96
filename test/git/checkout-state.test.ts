import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { gitRepository } from './git-repository.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { localCommit } from '../../src/git/checkout-state.ts';

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

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { changedFiles, stepsEnvironment } from '../../infra/pipeline/run-pipeline.ts';
import { GitError } from '../../src/git/run-git.ts';
import { gitRepository } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a tracked file that is changed is listed, and an untracked one is not', () => {
  const { root, git } = gitRepository('checkout');
  writeFileSync(join(root, 'known'), 'old\n');
  git('add', 'known');
  git('commit', '--quiet', '--message=known');
  writeFileSync(join(root, 'unknown'), '');
  expect(changedFiles(root)).toBe('');
  appendFileSync(join(root, 'known'), 'new\n');
  expect(changedFiles(root)).toContain('M known');
});

test('without a repository it is a GitError, wherever GIT_DIR leads', () => {
  vi.stubEnv('GIT_DIR', join(gitRepository('checkout').root, '.git'));
  expect(() => changedFiles(temporaryFolder())).toThrow(GitError);
});

test('no step but the one for an image gets the variable by which the engine would delete all others', () => {
  const { PATH, IMAGES_PUBLISH_ONLY } = stepsEnvironment({ PATH: '/x', IMAGES_PUBLISH_ONLY: 'a' });
  expect([PATH, IMAGES_PUBLISH_ONLY]).toEqual(['/x', undefined]);
});

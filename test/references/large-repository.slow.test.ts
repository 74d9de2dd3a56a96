import { expect, test } from 'vitest';
import { fastImport, git, gitRepository, type GitFiles } from '../git/git-repository.ts';
import { find, someSource } from './some-source.ts';

const FILES = 10_000;
const BRANCHES = 10;

/** Roles, docs and 500 test files, of which each branch changes a few. */
function filesOf(branch: number): GitFiles {
  const paths = Array.from({ length: FILES }, (_, at): [string, string] =>
    at < 500
      ? [`tests/files/t${at}.yml`, `---\n# test ${at}\ncloud_image: os-${at % 30}\n`]
      : [`roles/r${at % 200}/tasks/sub${at % 7}/f${at}.yml`, `- name: ${at}\n  debug:\n`],
  );
  const changed = Array.from({ length: 20 }, (_, at): [string, string] => [
    `tests/files/t${at * 7}.yml`,
    `cloud_image: os-${branch}-${at}\n`,
  ]);
  return Object.fromEntries([...paths, ...changed]);
}

test('10 branches of 10,000 files are read in a few seconds', { timeout: 120_000 }, () => {
  const { root } = gitRepository();
  const names = Array.from({ length: BRANCHES }, (_, at) => `release-2.${at}`);
  const stream = Buffer.concat(names.map((name, at) => fastImport(name, filesOf(at))));
  git(root, ['fast-import', '--quiet'], stream);

  const source = someSource(root, { branches: { only: names } });
  const start = performance.now();
  const { needs } = find(source);
  // About one second; contents got from git one by one would take more than 20.
  expect(performance.now() - start).toBeLessThan(5000);
  // 30 shared images and 20 of its own for each branch.
  expect(needs).toHaveLength(BRANCHES * 50);
});

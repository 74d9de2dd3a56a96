import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { share } from '../support/long-haul.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { fastImport, git, gitRepository, type GitFiles } from '../git/git-repository.ts';
import { find, someSource } from './some-source.ts';

const FILES = share(10_000);
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

test('branches of many files are read with a few processes of git each, however many files there are', () => {
  const { root } = gitRepository();
  const names = Array.from({ length: BRANCHES }, (_, at) => `release-2.${at}`);
  const stream = Buffer.concat(names.map((name, at) => fastImport(name, filesOf(at))));
  git(root, ['fast-import', '--quiet'], stream);

  const trace = join(temporaryFolder(), 'trace');
  vi.stubEnv('GIT_TRACE2_EVENT', trace);
  const { needs } = find(someSource(root, { branches: { only: names } }));
  vi.unstubAllEnvs();
  const started = readFileSync(trace, 'utf8').split('"event":"start"').length - 1;
  expect(started).toBeLessThanOrEqual(5 + 4 * BRANCHES);
  // 30 shared images and 20 of its own for each branch.
  expect(needs).toHaveLength(BRANCHES * 50);
});

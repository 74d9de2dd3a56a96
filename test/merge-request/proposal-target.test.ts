import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../src/problem.ts';
import {
  proposalTarget,
  type HostName,
  type TargetRequest,
} from '../../src/merge-request/proposal-target.ts';

/** What comes of a request: the target, or the codes of its problems. */
function targetOf(request: Partial<TargetRequest>) {
  try {
    return proposalTarget({ mode: 'commit', options: {}, environment: {}, ...request });
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ code }) => code);
    throw error;
  }
}

const GITHUB = { GITHUB_TOKEN: 't', GITHUB_REPOSITORY: 'o/r', GITHUB_REF_NAME: 'main' };
const MERGE = { mode: 'merge-request', currentBranch: 'main' } as const;

describe('the branch is', () => {
  const environment = { CI_COMMIT_BRANCH: 'a', GITHUB_REF_NAME: 'b', BRANCH_NAME: 'c' };
  const currentBranch = 'd';
  test.each<[string, Partial<TargetRequest>, string]>([
    ['what is asked for', { options: { branch: 'x' }, environment, currentBranch }, 'x'],
    ["GitLab's", { environment, currentBranch }, 'a'],
    ["GitHub's", { environment: { ...environment, CI_COMMIT_BRANCH: '' } }, 'b'],
    ["Cloud Build's", { environment: { BRANCH_NAME: 'c' }, currentBranch }, 'c'],
    ['the current one', { currentBranch }, 'd'],
  ])('%s', (_, request, branch) => {
    expect(targetOf(request)).toEqual({ mode: 'commit', branch });
  });

  test.each([
    ['needed', undefined, 'BRANCH_UNKNOWN'],
    ['never the one that proposals are on', 'images-refresh', 'BRANCH_IS_PROPOSAL'],
  ])('%s', (_, branch, code) => {
    expect(targetOf({ currentBranch: branch })).toEqual([code]);
  });
});

describe('the host of a merge request is', () => {
  const github = { name: 'github', api: 'https://api.github.com', repository: 'o/r', token: 't' };
  const gitlab = { name: 'gitlab' };
  test.each<[string, HostName | undefined, TargetRequest['environment'], unknown]>([
    ['GitLab in its pipelines', undefined, { GITLAB_CI: 'true' }, gitlab],
    ['GitHub in its jobs', undefined, { ...GITHUB, GITHUB_ACTIONS: 'true' }, github],
    ['what is asked for', 'github', { ...GITHUB, GITLAB_CI: 'true' }, github],
  ])('%s', (_, host, environment, expected) => {
    const target = { mode: 'merge-request', branch: 'main', host: expected };
    expect(targetOf({ ...MERGE, options: { host }, environment })).toEqual(target);
  });

  test('needed, and reported together with a missing branch', () => {
    expect(targetOf({ mode: 'merge-request' })).toEqual(['BRANCH_UNKNOWN', 'HOST_UNKNOWN']);
  });
});

describe("GitHub's API is", () => {
  const apiOf = (GITHUB_API_URL: string) => {
    const environment = { ...GITHUB, GITHUB_API_URL };
    const target = targetOf({ ...MERGE, options: { host: 'github' }, environment });
    return 'host' in target && 'api' in target.host ? target.host.api : target;
  };
  test.each([
    ['https://github.test/api/v3/', 'https://github.test/api/v3'],
    ['http://127.0.0.1:80', 'http://127.0.0.1:80'],
    ['http://[::1]', 'http://[::1]'],
    ['http://127.0.0.1.example.org', ['GITHUB_API_UNSAFE']],
    ['github.test', ['GITHUB_API_UNSAFE']],
  ])('at %s: %j', (written, expected) => {
    expect(apiOf(written)).toEqual(expected);
  });

  test.each(['', 'project', 'owner/project/more', 'owner/../x', 'owner/project?x'])(
    'not asked about the repository %j',
    (GITHUB_REPOSITORY) => {
      const environment = { ...GITHUB, GITHUB_REPOSITORY };
      const request = { ...MERGE, options: { host: 'github' }, environment } as const;
      expect(targetOf(request)).toEqual(['GITHUB_REPOSITORY_MISSING']);
    },
  );
});

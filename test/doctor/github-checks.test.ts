import { expect, test } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { githubChecks, readingGithub } from '../../src/doctor/github-checks.ts';
import { hostServer, type Answers } from './host-server.ts';

const PATH = '/repos/some/project';
const RULES = `${PATH}/rules/branches/main`;
const BRANCH = `${PATH}/branches/main`;
const PERMISSIONS = `${PATH}/actions/permissions`;
const FORKS = `${PERMISSIONS}/fork-pr-workflows-private-repos`;

const REPOSITORY = {
  id: 42,
  owner: { id: 7, login: 'some' },
  default_branch: 'main',
  private: true,
};
const review = (count: number, byCodeOwner: boolean, more: object = {}) => ({
  type: 'pull_request',
  parameters: {
    required_approving_review_count: count,
    require_code_owner_review: byCodeOwner,
    dismiss_stale_reviews_on_push: true,
    require_last_push_approval: false,
    ...more,
  },
  ruleset_id: 1,
});
const workflow = (permissions: string, mayApprove: boolean) => ({
  default_workflow_permissions: permissions,
  can_approve_pull_request_reviews: mayApprove,
});
const forks = (runs: boolean, writes: boolean, secrets: boolean) => ({
  run_workflows_from_fork_pull_requests: runs,
  send_write_tokens_to_workflows: writes,
  send_secrets_and_variables: secrets,
  require_approval_for_fork_pr_workflows: false,
});

/** As GitHub's API documentation has it, with more attributes. */
const GOOD: Answers = {
  [PATH]: REPOSITORY,
  [BRANCH]: { name: 'main', protected: true },
  [RULES]: [{ type: 'non_fast_forward' }, review(1, true)],
  [`${PATH}/rules/branches/release-0`]: [{ type: 'creation' }],
  [`${PERMISSIONS}/workflow`]: workflow('read', true),
  [FORKS]: forks(true, false, false),
};

async function checksOf(answers: Answers): Promise<readonly Check[]> {
  const { origin } = await hostServer(answers);
  const { api, repository } = readingGithub({
    GITHUB_API_URL: origin,
    GITHUB_REPOSITORY: 'some/project',
    GITHUB_TOKEN: 'tok3n',
  });
  const identity = { ownerId: '7', repositoryId: '42', branch: 'main' };
  return githubChecks(api, repository, identity, ['release-*']);
}

async function notOk(answers: Answers): Promise<readonly string[]> {
  const checks = await checksOf({ ...GOOD, ...answers });
  return checks.filter(({ state }) => state !== 'ok').map(({ state, name }) => `${state} ${name}`);
}

/** An approval stays when another commit comes. */
const STALE = { dismiss_stale_reviews_on_push: false };
const classic = (count: number, byCodeOwner: boolean, isDismissed = true) => ({
  required_pull_request_reviews: {
    required_approving_review_count: count,
    require_code_owner_reviews: byCodeOwner,
    dismiss_stale_reviews: isDismissed,
  },
  enforce_admins: { enabled: true },
});

test.each<[string, Answers]>([
  ['as PRODUCTION.md says', {}],
  ['protected in the classic way', { [RULES]: [], [`${BRANCH}/protection`]: classic(1, true) }],
  [
    'with an approval of the last push',
    { [RULES]: [review(1, true, { ...STALE, require_last_push_approval: true })] },
  ],
  ['protected by a ruleset alone', { [BRANCH]: { protected: false } }],
  [
    'without code owners, and Actions do not approve',
    { [RULES]: [review(2, false)], [`${PERMISSIONS}/workflow`]: workflow('read', false) },
  ],
  ['without workflows of forks', { [FORKS]: forks(false, true, true) }],
  // GitHub refuses the question for a public repository.
  ['public', { [PATH]: { ...REPOSITORY, private: false }, [FORKS]: 403 }],
])('a repository that is set up has nothing open: %s', async (_, answers) => {
  expect(await notOk(answers)).toEqual([]);
});

test.each<[readonly string[], Answers]>([
  [['open owner'], { [PATH]: { ...REPOSITORY, id: 43 } }],
  [['open owner'], { [PATH]: { ...REPOSITORY, owner: { id: 8 } } }],
  [['open default branch'], { [PATH]: { ...REPOSITORY, default_branch: 'trunk' } }],
  [
    ['open protected branch', 'open reviews', 'open approvals by Actions'],
    { [RULES]: [], [BRANCH]: { protected: false } },
  ],
  [['open reviews'], { [RULES]: [review(0, true)] }],
  [['open reviews'], { [RULES]: [review(1, true, STALE)] }],
  [['open reviews'], { [RULES]: [], [`${BRANCH}/protection`]: classic(1, true, false) }],
  [['open approvals by Actions'], { [RULES]: [review(1, false)] }],
  [['open job token'], { [`${PERMISSIONS}/workflow`]: workflow('write', true) }],
  [['open fork pull requests'], { [FORKS]: forks(true, true, false) }],
  [['open fork pull requests'], { [FORKS]: forks(true, false, true) }],
  [['open release branches'], { [`${PATH}/rules/branches/release-0`]: [{ type: 'deletion' }] }],
  [['unknown fork pull requests'], { [FORKS]: 403 }],
  [
    ['unknown reviews', 'unknown approvals by Actions', 'unknown job token'],
    { [`${PERMISSIONS}/workflow`]: 403 },
  ],
])('%j: %j', async (expected, answers) => {
  expect(await notOk(answers)).toEqual(expected);
});

test('a repository that cannot be read is an error; a refusal says what the token needs', async () => {
  await expect(checksOf({ ...GOOD, [PATH]: 404 })).rejects.toThrow('GITHUB_REFUSED');
  const checks = await checksOf({ ...GOOD, [FORKS]: 403 });
  const { remedy } = checks.find(({ state }) => state === 'unknown') ?? {};
  expect(remedy).toMatch(/GitHub says 403 to GET .*Administration: read/);
  expect(JSON.stringify(checks)).not.toContain('tok3n');
});

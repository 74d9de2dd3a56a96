import { z } from 'zod';
import type { Environment } from '../environment.ts';
import { githubAccess, githubApi } from '../merge-request/github-api.ts';
import {
  hostRequest,
  listAll,
  parseResponse,
  requestJson,
  type HostApi,
} from '../merge-request/host-api.ts';
import type { GithubIdentity } from '../settings/settings.ts';
import { both, checkRules, factOf, LATER, type Check, type Fact, type Rule } from './check.ts';

/** "Get a repository". */
const Repository = z.object({
  id: z.number(),
  owner: z.object({ id: z.number() }),
  default_branch: z.string(),
  private: z.boolean(),
});

/** "Get a branch". */
const Branch = z.object({ protected: z.boolean() });

/** "Get rules for a branch": those of rulesets. */
type BranchRule = z.infer<typeof BranchRule>;
const BranchRule = z.object({
  type: z.string(),
  parameters: z
    .object({
      required_approving_review_count: z.number().optional(),
      require_code_owner_review: z.boolean().optional(),
      dismiss_stale_reviews_on_push: z.boolean().optional(),
      require_last_push_approval: z.boolean().optional(),
    })
    .optional(),
});

/** "Get branch protection". */
const Protection = z.object({
  required_pull_request_reviews: z
    .object({
      required_approving_review_count: z.number().optional(),
      require_code_owner_reviews: z.boolean().optional(),
      dismiss_stale_reviews: z.boolean().optional(),
      require_last_push_approval: z.boolean().optional(),
    })
    .optional(),
});

/** "Get default workflow permissions for a repository". */
const WorkflowPermissions = z.object({
  default_workflow_permissions: z.string(),
  can_approve_pull_request_reviews: z.boolean(),
});

/** "Get private repo fork PR workflow settings for a repository". */
const ForkWorkflows = z.object({
  run_workflows_from_fork_pull_requests: z.boolean(),
  send_write_tokens_to_workflows: z.boolean(),
  send_secrets_and_variables: z.boolean(),
});

/**
 * Checks the settings of a repository on GitHub, `owner/name`. `releases` are the globs of its own release
 * branches. Throws a HostError when the repository can't be read.
 */
export async function githubChecks(
  api: HostApi,
  repository: string,
  { ownerId, repositoryId, branch }: GithubIdentity,
  releases: readonly string[],
): Promise<readonly Check[]> {
  const path = `/repos/${repository}`;
  const found = await requestJson(api, Repository, path);
  const permissions = `${path}/actions/permissions`;
  const workflows = await factOf(requestJson(api, WorkflowPermissions, `${permissions}/workflow`));
  const ofBranch = `${path}/branches/${encodeURIComponent(branch)}`;
  const isProtected = await factOf(requestJson(api, Branch, ofBranch));
  const protection = await factOf(protectionOf(api, `${ofBranch}/protection`));
  const rules = await branchRules(api, path, branch);
  const checks = [
    ...checkRules({ found }, [
      {
        name: 'owner',
        promise: 'The repository is the one that Google trusts.',
        remedy:
          'correct githubRepository, or GITHUB_REPOSITORY of this command; then run pulumi up as an owner of the Google project',
        holds: ({ id, owner }) => String(id) === repositoryId && String(owner.id) === ownerId,
      },
      {
        name: 'default branch',
        promise: `${branch}, which deploys, is the default branch.`,
        remedy: 'correct githubBranch, or the default branch (Settings, General)',
        holds: ({ default_branch: name }) => name === branch,
      },
    ]),
    ...checkRules(both(isProtected, rules), [
      {
        name: 'protected branch',
        promise: `${branch} is protected, as Google wants it of a token.`,
        remedy: `protect ${branch} (Settings, Rules, Rulesets)`,
        holds: ([named, active]) => named.protected || active.length > 0,
      },
    ]),
    ...checkRules(both(both(rules, protection), workflows), REVIEW_RULES),
    ...checkRules(workflows, [TOKEN_RULE]),
  ];
  // GitHub has no such settings for a public repository, whose forks never get more.
  if (found.private) {
    const forks = `${permissions}/fork-pr-workflows-private-repos`;
    checks.push(...checkRules(await factOf(requestJson(api, ForkWorkflows, forks)), [FORK_RULE]));
  }
  for (const glob of releases) {
    const active = await branchRules(api, path, glob.replace('*', '0'));
    checks.push(...checkRules(active, [releaseRule(glob)]));
  }
  return checks;
}

/** The rules of a branch, which need not exist. */
function branchRules(
  api: HostApi,
  path: string,
  name: string,
): Promise<Fact<readonly BranchRule[]>> {
  return factOf(listAll(api, BranchRule, `${path}/rules/branches/${encodeURIComponent(name)}`));
}

/** The classic protection of a branch; nothing where it has none, which GitHub calls 404. */
async function protectionOf(api: HostApi, path: string): Promise<z.infer<typeof Protection>> {
  const response = await hostRequest(api, { method: 'GET', path }, [404]);
  return response.status === 404 ? {} : parseResponse(api, Protection, response);
}

type ReviewFacts = readonly [
  readonly [readonly BranchRule[], z.infer<typeof Protection>],
  z.infer<typeof WorkflowPermissions>,
];

/** How many approvals a pull request needs, whether of its last commit, and whether a code owner must be among them. */
function reviewsOf([[rules, { required_pull_request_reviews: classic }]]: ReviewFacts) {
  const parameters = rules.flatMap((rule) => rule.parameters ?? []);
  const counts = [classic, ...parameters].map((each) => each?.required_approving_review_count ?? 0);
  const byOwner = parameters.some((each) => each.require_code_owner_review === true);
  const ofLast = [classic, ...parameters].some((each) => each?.require_last_push_approval === true);
  const ofAll = parameters.some((each) => each.dismiss_stale_reviews_on_push === true);
  return {
    count: Math.max(0, ...counts),
    areFresh: ofLast || ofAll || classic?.dismiss_stale_reviews === true,
    byCodeOwner: byOwner || classic?.require_code_owner_reviews === true,
  };
}

const REVIEW_RULES: readonly Rule<ReviewFacts>[] = [
  {
    name: 'reviews',
    promise: 'Whatever comes to the branch has been approved by somebody else.',
    remedy:
      'require a pull request with an approval, and dismiss stale approvals when new commits are pushed (Settings, Rules, Rulesets)',
    holds: (facts) => reviewsOf(facts).count > 0 && reviewsOf(facts).areFresh,
  },
  {
    name: 'approvals by Actions',
    promise: 'A workflow approves no pull request, or a code owner must approve as well.',
    remedy:
      'require reviews of code owners; or switch off Settings, Actions, General, Allow GitHub Actions to create and approve pull requests, and let an app open the pull requests of a refresh',
    holds: (facts) => reviewsOf(facts).byCodeOwner || !facts[1].can_approve_pull_request_reviews,
  },
];

const TOKEN_RULE: Rule<z.infer<typeof WorkflowPermissions>> = {
  name: 'job token',
  promise: "A job's own token reads only, unless the job says otherwise.",
  remedy: 'choose Read repository contents in Settings, Actions, General, Workflow permissions',
  holds: (found) => found.default_workflow_permissions === 'read',
};

const FORK_RULE: Rule<z.infer<typeof ForkWorkflows>> = {
  name: 'fork pull requests',
  promise: "A fork's pull request gets no token that may write, and no secret.",
  remedy:
    'switch off Settings, Actions, General, Send write tokens to workflows from pull requests, and Send secrets and variables',
  holds: (found) =>
    !found.run_workflows_from_fork_pull_requests ||
    (!found.send_write_tokens_to_workflows && !found.send_secrets_and_variables),
};

function releaseRule(glob: string): Rule<readonly BranchRule[]> {
  return {
    name: 'release branches',
    promise: `Nobody creates a branch like ${glob} whom a ruleset does not let.`,
    remedy: `restrict creations for ${glob} (Settings, Rules, Rulesets)`,
    holds: (all) => all.some(({ type }) => type === 'creation'),
  };
}

/** GitHub's API, and the repository that GITHUB_REPOSITORY names. Throws an InvalidInputError. */
export function readingGithub(environment: Environment) {
  const needs = 'a token with the repository permission "Administration: read"';
  const access = githubAccess(environment, needs);
  const api = githubApi(access, `set GITHUB_TOKEN to ${needs}`);
  return { api: { ...api, patience: LATER }, repository: access.repository };
}

/** What GitHub's API does not tell, or a rule can't judge. */
export const GITHUB_BY_HAND: readonly string[] = [
  'Secrets (Settings, Secrets and variables): the workflows need none. A secret of the repository can be read by a workflow on any of its branches; keep what may write in an environment for the deploying branch.',
  'Runners: GitHub-hosted. A self-hosted runner of a public repository runs the code of strangers.',
  'Who may bypass the rulesets, and who may approve: nobody who needs no review.',
  'The policies of the organization and the enterprise for fork pull requests are as strict.',
];

import { z } from 'zod';
import type { Environment } from '../environment.ts';
import { gitlabApi } from '../merge-request/gitlab-api.ts';
import { listAll, requestJson, type HostApi } from '../merge-request/host-api.ts';
import type { GitlabIdentity } from '../settings/settings.ts';
import { checkRules, LATER, factOf, type Check, type Rule } from './check.ts';

/** "Projects API". Old versions, and tokens of lesser roles, get fewer attributes. */
const Project = z.object({
  default_branch: z.string().nullish(),
  namespace: z.object({ id: z.number() }),
  ci_config_path: z.string().nullish(),
  ci_allow_fork_pipelines_to_run_in_parent_project: z.boolean().optional(),
  ci_separated_caches: z.boolean().optional(),
  ci_push_repository_for_job_token_allowed: z.boolean().optional(),
  ci_pipeline_variables_minimum_override_role: z.string().optional(),
  restrict_user_defined_variables: z.boolean().optional(),
});

/** "Version API". */
const Version = z.object({ version: z.string() });

/** A level is 0 (no one), 30 (Developers), 40 (Maintainers); null for one user or group. */
const AccessLevels = z.array(z.object({ access_level: z.number().nullable() }));

/** "Protected branches API". */
type ProtectedBranch = z.infer<typeof ProtectedBranch>;
const ProtectedBranch = z.object({
  name: z.string(),
  push_access_levels: AccessLevels,
  merge_access_levels: AccessLevels,
  allow_force_push: z.boolean(),
});

/** "Project-level CI/CD variables API". Leaves out the values. */
const Variable = z.object({ key: z.string(), protected: z.boolean(), masked: z.boolean() });

const DEVELOPER = 30;

/**
 * Checks the settings of a project on GitLab. `releases` are the globs of its own release branches. Throws a
 * HostError when the project can't be read.
 */
export async function gitlabChecks(
  api: HostApi,
  { namespaceId, projectId, branch }: GitlabIdentity,
  releases: readonly string[],
): Promise<readonly Check[]> {
  const path = `/projects/${projectId}`;
  const project = { found: await requestJson(api, Project, path) };
  const version = await factOf(requestJson(api, Version, '/version'));
  const branches = await factOf(listAll(api, ProtectedBranch, `${path}/protected_branches`));
  const variables = await factOf(listAll(api, Variable, `${path}/variables`));
  return [
    ...checkRules(version, VERSION_RULES),
    ...checkRules(project, [
      {
        name: 'owner',
        promise: 'The project belongs to the namespace that Google trusts.',
        remedy: 'correct gitlabProject, and run pulumi up as an owner of the Google project',
        holds: ({ namespace }) => String(namespace.id) === namespaceId,
      },
      {
        name: 'default branch',
        promise: `${branch}, which deploys, is the default branch.`,
        remedy: 'correct gitlabBranch, or the default branch (Settings, Repository)',
        holds: (found) => found.default_branch === branch,
      },
      ...PROJECT_RULES,
    ]),
    ...checkRules(branches, [
      {
        name: 'protected branch',
        promise: `${branch} is protected, and nobody pushes it by force.`,
        remedy: `protect ${branch} (Settings, Repository, Protected branches), without forced pushes`,
        holds(all) {
          const own = all.filter(({ name }) => covers(name, branch));
          return own.length > 0 && own.every((each) => !each.allow_force_push);
        },
      },
      PUSH_RULE,
      ...releases.map((glob) => ({
        name: 'release branches',
        promise: `Nobody creates a branch like ${glob} who may not push or merge to it.`,
        remedy: `protect ${glob} (Settings, Repository, Protected branches)`,
        holds: (all: readonly ProtectedBranch[]) => all.some(({ name }) => covers(name, glob)),
      })),
    ]),
    ...checkRules(variables, VARIABLE_RULES),
  ];
}

const VERSION_RULES: readonly Rule<z.infer<typeof Version>>[] = [
  {
    name: 'version',
    promise: "GitLab is 18.4 or newer, whose tokens tell of a fork's merge request.",
    remedy: 'update GitLab: until then, Google rejects every token',
    holds({ version }) {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      return major > 18 || (major === 18 && minor >= 4);
    },
  },
];

const PROJECT_RULES: readonly Rule<z.infer<typeof Project>>[] = [
  {
    name: 'pipeline file',
    promise: 'Pipelines come from .gitlab-ci.yml of their own commit.',
    remedy: 'empty Settings, CI/CD, General pipelines, CI/CD configuration file',
    holds: ({ ci_config_path: file }) => [undefined, null, '', '.gitlab-ci.yml'].includes(file),
  },
  {
    name: 'fork pipelines',
    promise: "A fork's merge request runs no pipeline in this project.",
    remedy:
      'set ci_allow_fork_pipelines_to_run_in_parent_project to false (Projects API, PUT /projects/:id)',
    holds: (found) => isOff(found.ci_allow_fork_pipelines_to_run_in_parent_project),
  },
  {
    name: 'separate caches',
    promise: 'Protected branches have caches that no merge request writes.',
    remedy:
      'switch on Settings, CI/CD, General pipelines, Use separate caches for protected branches',
    holds: (found) => found.ci_separated_caches,
  },
  {
    name: 'job token',
    promise: "A job's own token pushes nothing.",
    remedy:
      'switch off Settings, CI/CD, Job token permissions, Allow Git push requests to the repository; a refresh pushes with IMAGES_PUSH_TOKEN',
    holds: (found) => isOff(found.ci_push_repository_for_job_token_allowed),
  },
  {
    name: 'pipeline variables',
    promise: 'Nobody sets variables of a pipeline, so a trigger token starts main as it is.',
    remedy:
      'choose No one allowed in Settings, CI/CD, Variables, Minimum role to use pipeline variables',
    holds({ ci_pipeline_variables_minimum_override_role: role, ...found }) {
      if (role === undefined) return undefined;
      return role === 'no_one_allowed' && found.restrict_user_defined_variables !== false;
    },
  },
];

const PUSH_RULE: Rule<readonly ProtectedBranch[]> = {
  name: 'pushes',
  promise:
    'Developers push to no protected branch, each of which gets the protected variables, and create none.',
  remedy:
    'allow pushes to each protected branch, and merges to each with a star, to Maintainers or no one (Settings, Repository, Protected branches)',
  holds: (all) =>
    all.every(({ name, push_access_levels: pushes, merge_access_levels: merges }) => {
      // Whoever may merge to a branch that is not there yet may create it, with any commit.
      const levels = name.includes('*') ? [...pushes, ...merges] : pushes;
      return levels.every(({ access_level: level }) => level !== DEVELOPER);
    }),
};

const VARIABLE_RULES: readonly Rule<readonly z.infer<typeof Variable>[]>[] = [
  {
    name: 'push token',
    promise: 'IMAGES_PUSH_TOKEN is protected and masked.',
    remedy: 'mark it so (Settings, CI/CD, Variables)',
    holds: (all) =>
      all.every((each) => each.key !== 'IMAGES_PUSH_TOKEN' || (each.protected && each.masked)),
  },
  {
    name: 'note token',
    promise: 'GITLAB_TOKEN is masked.',
    remedy: 'mark it so (Settings, CI/CD, Variables)',
    holds: (all) => all.every((each) => each.key !== 'GITLAB_TOKEN' || each.masked),
  },
];

/** The API of the GitLab that the stack trusts. Throws an InvalidInputError. */
export function readingGitlab({ issuer }: GitlabIdentity, environment: Environment): HostApi {
  const needs = 'a token with the scope read_api and the role Maintainer';
  return { ...gitlabApi(environment, needs, `${issuer}api/v4`), patience: LATER };
}

/** What GitLab's API does not tell, or a rule can't judge. */
export const GITLAB_BY_HAND: readonly string[] = [
  'Settings, Repository, Protected branches: only people whose merge is a review may merge, and single users, groups and deploy keys that may push or merge are trusted as Maintainers are. Where the edition has them, require approvals, and those of code owners.',
  'Runners: a runner that keeps anything from job to job runs either the jobs of protected branches ("Protected") or those of merge requests. The deploying jobs are privileged, and take over such a machine.',
  'The trigger token (Settings, CI/CD, Pipeline trigger tokens) belongs to an account that may do nothing else; whoever has it can start a pipeline of main.',
  'GITLAB_TOKEN has the role Reporter: every merge request of the project can read it.',
  'IMAGES_PUSH_TOKEN has the role Developer and the scope write_repository: every job of a protected branch can read it.',
  'The variables that the project inherits from groups and the instance: protected and masked if they are secret.',
];

function isOff(setting: boolean | undefined): boolean | undefined {
  return setting === undefined ? undefined : !setting;
}

/** Whether a protected branch's name, in which a star stands for any characters, covers a name or a glob. */
function covers(name: string, branch: string): boolean {
  // None of a name's characters but the star means something in brackets.
  const pattern = name.replaceAll(/[^\w*]/gu, '[$&]').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 'u').test(branch);
}

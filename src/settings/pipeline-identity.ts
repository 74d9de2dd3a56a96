import type { GithubIdentity, GitlabIdentity, Settings } from './settings.ts';

/**
 * What Google believes of a host's tokens: those of one project, by its numbers. A name can be given to somebody
 * else, a number can not. A token is the deployer's and the previewer's, the previewer's, or rejected.
 */
export interface HostTrust {
  /** Also the provider's id. */
  readonly host: 'gitlab' | 'github';
  readonly issuer: string;
  /** The issuer's public keys, where they are not requested from it. */
  readonly keys?: string;
  /** Google attribute → CEL expression of the token's claims (`assertion`). */
  readonly mapping: Readonly<Record<string, string>>;
  /** A CEL expression: Google rejects tokens for which it is false, or that lack a claim which it reads. */
  readonly condition: string;
  /** The value of `attribute.pipeline`, which each token has that is not rejected. */
  readonly pipeline: string;
  /** The value of `attribute.deployer`, which only those have that may change the stack. */
  readonly deployer: string;
}

/** A host's project, and CEL expressions of its tokens. */
interface HostProject extends Pick<HostTrust, 'host' | 'issuer' | 'keys'> {
  readonly id: string;
  /** True for tokens of the project. */
  readonly own: string;
  /** The number of the pipeline. */
  readonly run: string;
  /** The conditions of tokens that may deploy, and of those that may preview, among the project's tokens. */
  readonly deploys: string;
  readonly previews: string;
}

function trustOf({ host, issuer, keys, id, own, run, deploys, previews }: HostProject): HostTrust {
  const pipeline = `${host}-${id}`;
  const deployer = `${pipeline}-protected`;
  return {
    host,
    issuer,
    keys,
    mapping: {
      // Google takes no more than 127 bytes, and `sub` has the branch's name in it.
      'google.subject': `"${pipeline}:" + ${run}`,
      'attribute.pipeline': `"${pipeline}"`,
      'attribute.deployer': `${deploys} ? "${deployer}" : "${pipeline}-other"`,
    },
    condition: `${own} && (${deploys} || ${previews})`,
    pipeline,
    deployer,
  };
}

/**
 * GitLab's claims ("OpenID Connect (OIDC) Authentication Using ID Tokens"), for GitLab 18.4 or newer.
 *
 * A member can start the pipeline of a fork's merge request in this project, with the fork's .gitlab-ci.yml. Its
 * `project_id` is the fork's, and its `job_project_id` is this project's. Before GitLab 18.2.2, `project_id` was this
 * project's as well, and nothing in the token told of the fork; those versions have no `job_project_id`.
 */
export function gitlabTrust({
  issuer,
  keys,
  namespaceId,
  projectId,
  branch,
}: GitlabIdentity): HostTrust {
  const ref = `refs/heads/${branch}`;
  const { host, pathname } = new URL(issuer);
  return trustOf({
    host: 'gitlab',
    issuer,
    keys,
    id: projectId,
    own: allOf(
      `assertion.namespace_id == "${namespaceId}"`,
      `assertion.project_id == "${projectId}"`,
      `assertion.job_project_id == "${projectId}"`,
    ),
    run: 'assertion.pipeline_id',
    deploys: allOf(
      // In a pipeline of a merge request, this is the source branch.
      `assertion.ref_path == "${ref}"`,
      'assertion.ref_protected == "true"', // Text, as GitLab has it.
      'assertion.pipeline_source in ["push", "schedule", "web", "trigger"]',
      // A setting of the project can name another file, or another server.
      `assertion.ci_config_ref_uri == "${host}${pathname}" + assertion.project_path + "//.gitlab-ci.yml@${ref}"`,
    ),
    previews: 'assertion.pipeline_source == "merge_request_event"',
  });
}

/**
 * GitHub's claims ("OpenID Connect reference"). No claim tells a fork's pull request from the repository's own: GitHub
 * gives a fork's no token, unless a private repository has "Send write tokens to workflows from pull requests".
 *
 * `job_workflow_ref` is the file that has the job: of another repository for a reusable workflow.
 */
export function githubTrust({
  issuer = 'https://token.actions.githubusercontent.com',
  keys,
  ownerId,
  repositoryId,
  branch,
}: GithubIdentity): HostTrust {
  const jobOf = (file: string) =>
    `assertion.job_workflow_ref == assertion.repository + "/.github/workflows/${file}@" + assertion.ref`;
  return trustOf({
    host: 'github',
    issuer,
    keys,
    id: repositoryId,
    own: allOf(
      `assertion.repository_owner_id == "${ownerId}"`,
      `assertion.repository_id == "${repositoryId}"`,
    ),
    run: 'assertion.run_id',
    deploys: allOf(
      `assertion.ref == "refs/heads/${branch}"`,
      'assertion.ref_protected == "true"',
      // `pull_request_target` and `workflow_run` run for the branch, too, near commits of others.
      'assertion.event_name in ["push", "schedule", "workflow_dispatch"]',
      jobOf('stack.yml'),
    ),
    previews: allOf('assertion.event_name == "pull_request"', jobOf('merge-request.yml')),
  });
}

function allOf(...conditions: readonly string[]): string {
  return `(${conditions.join(' && ')})`;
}

/**
 * A service account that pipelines become, and what it may do in the project. infra/PRODUCTION.md says why it has
 * each role.
 */
export interface PipelineRole {
  readonly accountId: string;
  readonly title: string;
  readonly roles: readonly string[];
}

/** The roles to read, in a state refresh, what the account may not change. */
const LOOKING = ['roles/iam.securityReviewer', 'roles/iam.workloadIdentityPoolViewer'];

/** The roles to make the account that the schedule starts builds as, to make its role, and to grant it. */
const FOR_CLOUD_BUILD = [
  'roles/iam.roleAdmin',
  'roles/iam.serviceAccountAdmin',
  'roles/iam.serviceAccountUser',
  'roles/resourcemanager.projectIamAdmin',
];

/**
 * Looks at the registry, and at nothing else: a preview refreshes no state, and any merge request of the
 * project can become this. The scheduler's job would show the trigger token.
 */
export function previewerOf({
  part,
  destination,
}: Pick<Settings, 'part' | 'destination'>): PipelineRole {
  const isGranted = part !== 'access' && destination.kind === 'managed';
  return {
    accountId: 'image-previewer',
    title: 'Previews the CI images',
    roles: isGranted ? ['roles/artifactregistry.reader'] : [],
  };
}

/** Pushes to the repository, by `repositoryGrants`, and may do nothing else. No pipeline is it; the deployer becomes it. */
export const PUSHER: PipelineRole = {
  accountId: 'image-pusher',
  title: 'Pushes the CI images',
  roles: [],
};

/**
 * Changes the stack: no more of it than a stack with these settings has. Beside a stack of owners, that is what
 * `repositoryGrants` gives. What it may do in a repository of others, these grant.
 */
export function deployerOf({
  part,
  destination,
  enableApis,
  refresh,
}: Pick<Settings, 'part' | 'destination' | 'enableApis' | 'refresh'>): PipelineRole {
  const account = { accountId: 'image-publisher', title: 'Publishes the CI images' };
  if (part === 'access') return { ...account, roles: [] };
  return {
    ...account,
    roles: [
      ...(destination.kind === 'managed' ? ['roles/artifactregistry.admin'] : []),
      refresh === undefined ? 'roles/cloudscheduler.viewer' : 'roles/cloudscheduler.admin',
      ...(refresh?.start.kind === 'cloud-build' ? FOR_CLOUD_BUILD : []),
      ...LOOKING,
      enableApis ? 'roles/serviceusage.serviceUsageAdmin' : 'roles/serviceusage.serviceUsageViewer',
    ],
  };
}

/** What all members of a role may do in the repository. */
export interface RepositoryGrant {
  /** Part of the name of the resource. */
  readonly name: string;
  readonly role: string;
  readonly members: readonly string[];
}

/** A role of the project's own: changing clean-up policies, in which every role of Google's may also grant roles. */
export function updaterRole({ project, repositoryId }: Pick<Settings, 'project' | 'repositoryId'>) {
  // 3 to 64 letters, digits, underscores and periods ("Create custom roles").
  const roleId = `update_${repositoryId.replaceAll('-', '_')}`.slice(0, 64);
  const permissions = ['artifactregistry.repositories.update'];
  return { roleId, permissions, role: `projects/${project}/roles/${roleId}` };
}

/**
 * Who may do what in the repository. In a stack of owners, the accounts of pipelines are among them: their rights
 * end at this repository, and none of them may grant one.
 */
export function repositoryGrants(settings: Settings): readonly RepositoryGrant[] {
  const { part, destination, project, readers, writers, identity } = settings;
  if (destination.kind !== 'managed') return [];
  const own = ({ accountId }: PipelineRole) =>
    part === 'access' && identity
      ? [`serviceAccount:${serviceAccountEmail(accountId, project)}`]
      : [];
  const deployer = own(deployerOf(settings));
  const grants = [
    ['readers', 'roles/artifactregistry.reader', [...readers, ...own(previewerOf(settings))]],
    ['writers', 'roles/artifactregistry.writer', [...writers, ...own(PUSHER)]],
    // Aliases and markers are tags that go again.
    ['keepers', 'roles/artifactregistry.repoAdmin', deployer],
    ['updaters', updaterRole(settings).role, deployer],
  ] as const;
  return grants.flatMap(([name, role, members]) =>
    members.length > 0 ? [{ name, role, members: [...new Set(members)] }] : [],
  );
}

/** The address of a service account of the project: in a project of a domain, that comes last. */
export function serviceAccountEmail(accountId: string, project: string): string {
  const [id = '', domain] = project.split(':').reverse();
  const host = domain === undefined ? id : `${id}.${domain}`;
  return `${accountId}@${host}.iam.gserviceaccount.com`;
}

import type { GithubIdentity, GitlabIdentity, Settings } from './settings.ts';

/**
 * What Google is to believe of a host's tokens: of one project, by its numbers. Names can be given away
 * and taken by somebody else; numbers stay.
 */
export interface HostTrust {
  /** Also the provider's id. */
  readonly host: 'gitlab' | 'github';
  readonly issuer: string;
  /** Google attribute → CEL expression of the token's claims (`assertion`). */
  readonly mapping: Readonly<Record<string, string>>;
  /** A CEL expression: tokens of which it is false are refused. */
  readonly condition: string;
  /** The value of `attribute.pipeline`, which each of the project's pipelines has. */
  readonly pipeline: string;
  /** The value of `attribute.deployer`, which only those have that may change the stack. */
  readonly deployer: string;
}

/** The pipelines that may deploy: those of .gitlab-ci.yml, and none of a merge request. */
const GITLAB_DEPLOYING = ['push', 'web', 'trigger', 'schedule'];

/** GitLab's claims ("OpenID Connect (OIDC) Authentication Using ID Tokens"); its issuer ends in a slash. */
export function gitlabTrust({ issuer, namespaceId, projectId }: GitlabIdentity): HostTrust {
  return {
    host: 'gitlab',
    issuer,
    mapping: {
      // Google takes no more than 127 bytes, and `sub` has the branch's name in it.
      'google.subject': '"gitlab-" + assertion.project_id + ":" + assertion.pipeline_id',
      'attribute.pipeline': '"gitlab-" + assertion.project_id',
      // A tag that is protected is no branch; text, as GitLab has it.
      'attribute.deployer': `"gitlab-" + assertion.project_id + (assertion.ref_protected == "true" && assertion.ref_type == "branch" && assertion.pipeline_source in ${JSON.stringify(GITLAB_DEPLOYING)} ? "-protected" : "-other")`,
    },
    condition: `assertion.namespace_id == "${namespaceId}" && assertion.project_id == "${projectId}"`,
    pipeline: `gitlab-${projectId}`,
    deployer: `gitlab-${projectId}-protected`,
  };
}

/** The events of which a workflow may deploy: those of `.github/workflows/stack.yml`. */
const GITHUB_DEPLOYING = ['push', 'schedule', 'workflow_dispatch'];

/** GitHub's claims ("About security hardening with OpenID Connect"). */
export function githubTrust({ ownerId, repositoryId, ref }: GithubIdentity): HostTrust {
  return {
    host: 'github',
    issuer: 'https://token.actions.githubusercontent.com',
    mapping: {
      'google.subject': '"github-" + assertion.repository_id + ":" + assertion.run_id',
      'attribute.pipeline': '"github-" + assertion.repository_id',
      // `pull_request_target` runs for the branch, too, and somebody else's commits may be near it.
      'attribute.deployer': `"github-" + assertion.repository_id + (assertion.ref == "${ref}" && assertion.event_name in ${JSON.stringify(GITHUB_DEPLOYING)} ? "-protected" : "-other")`,
    },
    condition: `assertion.repository_owner_id == "${ownerId}" && assertion.repository_id == "${repositoryId}"`,
    pipeline: `github-${repositoryId}`,
    deployer: `github-${repositoryId}-protected`,
  };
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

/** To see, in a state refresh, what it may not change. */
const LOOKING = ['roles/iam.securityReviewer', 'roles/iam.workloadIdentityPoolViewer'];

/** For the account that the schedule starts builds as, its role, and the giving of that. */
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
export const PREVIEWER: PipelineRole = {
  accountId: 'image-previewer',
  title: 'Previews the CI images',
  roles: ['roles/artifactregistry.reader'],
};

/** Changes the stack: no more of it than a stack with these settings has. */
export function deployerOf({
  enableApis,
  refresh,
}: Pick<Settings, 'enableApis' | 'refresh'>): PipelineRole {
  return {
    accountId: 'image-publisher',
    title: 'Publishes the CI images',
    roles: [
      'roles/artifactregistry.admin',
      refresh === undefined ? 'roles/cloudscheduler.viewer' : 'roles/cloudscheduler.admin',
      ...(refresh?.start.kind === 'cloud-build' ? FOR_CLOUD_BUILD : []),
      ...LOOKING,
      enableApis ? 'roles/serviceusage.serviceUsageAdmin' : 'roles/serviceusage.serviceUsageViewer',
    ],
  };
}

/** The address of a service account of the project: in a project of a domain, that comes last. */
export function serviceAccountEmail(accountId: string, project: string): string {
  const [id = '', domain] = project.split(':').reverse();
  const host = domain === undefined ? id : `${id}.${domain}`;
  return `${accountId}@${host}.iam.gserviceaccount.com`;
}

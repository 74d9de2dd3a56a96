import type { SettingValues } from './setting-values.ts';
import { parseRegistry, parseRepository, type Registry } from '../image-reference.ts';
import type { Repository } from '../image-reference.ts';

/** Where a stack publishes to and what, who may use it, and when it is refreshed. */
export interface Settings {
  /** The Google Cloud project. */
  readonly project: string;
  readonly region: string;
  /** Of the Artifact Registry repository: a region or a multi-region. */
  readonly location: string;
  /** Id of the Artifact Registry repository that holds the images. */
  readonly repositoryId: string;
  /** Host that images are pushed to, with its port if it has one. */
  readonly registry: Registry;
  /** Path in the registry below which each image has its repository. */
  readonly repositoryPrefix: Repository;
  /** The catalog's path in the checkout. */
  readonly catalog: string;
  /** The path in the checkout of how long versions stay. */
  readonly retention: string;
  /** Address of the project's source, for the images' label. */
  readonly source: string | undefined;
  /** IAM members, such as `allUsers`. */
  readonly readers: readonly string[];
  readonly writers: readonly string[];
  /** Whether the stack switches on the Google APIs that it uses. */
  readonly enableApis: boolean;
  /** Absent when nothing is to be started on a schedule. */
  readonly refresh: RefreshSettings | undefined;
  /** Seconds that a build may take, its push included. */
  readonly buildTimeout: number;
  /** Seconds that an image has to come up in before `latest` moves to it; absent when it need not. */
  readonly verifyTimeout: number | undefined;
  /** Whose pipelines may become the deployer and the previewer; absent where the stack does not say. */
  readonly identity: IdentitySettings | undefined;
  /** How a refresh hands in what it changed, whoever started it: for review, or on the branch itself. */
  readonly refreshChanges: 'merge-request' | 'commit';
}

/** One host at least. */
export interface IdentitySettings {
  readonly gitlab?: GitlabIdentity;
  readonly github?: GithubIdentity;
}

/** A project on GitLab, by its numbers. */
export interface GitlabIdentity {
  /** With a slash at its end, as GitLab's tokens have it. */
  readonly issuer: string;
  /** Of the group or the user that the project belongs to. */
  readonly namespaceId: string;
  readonly projectId: string;
}

/** A repository on GitHub, by its numbers. */
export interface GithubIdentity {
  readonly ownerId: string;
  readonly repositoryId: string;
  /** Whose pipelines deploy: `refs/heads/main`. */
  readonly ref: string;
}

/** When the refresh starts. */
export interface RefreshSettings {
  readonly start: RefreshStart;
  /** Five cron fields, in the time zone. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly retries: number;
  readonly deadlineSeconds: number;
  readonly paused: boolean;
}

/** What the schedule starts. */
export type RefreshStart =
  | {
      readonly kind: 'cloud-build';
      /** Full name of the trigger that is run. */
      readonly trigger: string;
    }
  | {
      /** With a token that is not here: only the engine can read it. */
      readonly kind: 'gitlab-pipeline';
      /** Where GitLab starts pipelines of the project. */
      readonly url: string;
      /** The branch or tag that the pipeline runs for. */
      readonly ref: string;
    };

/** The settings that follow from values of which each is valid. */
export function settingsOf(values: SettingValues): Settings {
  const { 'gcp:project': project, 'gcp:region': region, repositoryId, catalog, retention } = values;
  const { location = region, source, readers, writers, enableApis } = values;
  const registry = values.registry ?? parseRegistry(`${location}-docker.pkg.dev`);
  const repositoryPrefix = parseRepository(repositoryPath(project, repositoryId));
  if (registry === undefined || repositoryPrefix === undefined) {
    throw new Error(`no address follows from ${location}, ${project} and ${repositoryId}`);
  }
  return {
    project,
    region,
    location,
    repositoryId,
    registry,
    repositoryPrefix,
    catalog,
    retention,
    source,
    readers,
    writers,
    enableApis,
    refresh: refreshOf(values),
    buildTimeout: values.buildTimeoutSeconds,
    verifyTimeout: values.verify ? values.verifyTimeoutSeconds : undefined,
    identity: identityOf(values),
    refreshChanges: values.refreshChanges,
  };
}

function identityOf(values: SettingValues): IdentitySettings | undefined {
  const { gitlabProject, gitlabIssuer: issuer, githubRepository, githubBranch } = values;
  if (gitlabProject === undefined && githubRepository === undefined) return undefined;
  const [namespaceId = '', projectId = ''] = gitlabProject?.split('/') ?? [];
  const [ownerId = '', repositoryId = ''] = githubRepository?.split('/') ?? [];
  const github = { ownerId, repositoryId, ref: `refs/heads/${githubBranch}` };
  return {
    gitlab: gitlabProject === undefined ? undefined : { issuer, namespaceId, projectId },
    github: githubRepository === undefined ? undefined : github,
  };
}

function refreshOf(values: SettingValues): RefreshSettings | undefined {
  const { refreshTrigger: trigger, refreshPipeline: url, refreshPipelineRef: ref } = values;
  let start: RefreshStart;
  if (trigger !== undefined) start = { kind: 'cloud-build', trigger };
  else if (url !== undefined) start = { kind: 'gitlab-pipeline', url, ref };
  else return undefined;
  return {
    start,
    schedule: values.refreshSchedule,
    timeZone: values.refreshTimeZone,
    retries: values.refreshRetries,
    deadlineSeconds: values.refreshDeadlineSeconds,
    paused: values.refreshPaused,
  };
}

/** Where Docker finds a repository of the project: a domain's colon is no character of a path. */
function repositoryPath(project: string, repositoryId: string): string {
  return `${project.replace(':', '/')}/${repositoryId}`;
}

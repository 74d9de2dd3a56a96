import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import pulumi from '@pulumi/pulumi';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { childOptions, reportFailureOnce } from '../engine/resources.ts';
import type { input } from '@pulumi/gcp/types/index.js';
import { Buffer } from 'node:buffer';
import { BuildStarter } from './build-starter.ts';

interface ScheduledRefreshArgs {
  /** Where the schedule runs. */
  readonly project: string;
  readonly region: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  readonly refresh: RefreshSettings;
}

/**
 * A Cloud Scheduler job that starts the refresh, in one of the ways that a stack can choose from: another
 * way is an update of the same job.
 */
export class ScheduledRefresh extends pulumi.ComponentResource {
  constructor(
    name: string,
    { refresh, ...place }: ScheduledRefreshArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:ScheduledRefresh', name, {}, options);
    const own = childOptions(this, options);
    const starter = starterOf(`${name}-starter`, refresh, place, own);
    const job = new Job(
      name,
      {
        name: `refresh-${place.repositoryId}`,
        project: place.project,
        region: place.region,
        description: starter.description,
        schedule: refresh.schedule,
        timeZone: refresh.timeZone,
        attemptDeadline: `${refresh.deadlineSeconds}s`,
        paused: refresh.paused,
        // Google leaves out a 0, which the official plug-in would show as a difference for ever.
        ...(refresh.retries > 0 && { retryConfig: { retryCount: refresh.retries } }),
        httpTarget: starter.httpTarget,
      },
      { ...own, ...(starter.settled && { dependsOn: starter.settled }) },
    );
    reportFailureOnce(job);
    this.registerOutputs({});
  }
}

function starterOf(
  name: string,
  { start }: RefreshSettings,
  place: Omit<ScheduledRefreshArgs, 'refresh'>,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  switch (start.kind) {
    case 'cloud-build':
      return cloudBuildStarter(name, { ...place, trigger: start.trigger }, options);
    case 'gitlab-pipeline':
      return gitlabPipelineStarter(start);
  }
}

/** One way to start the refresh, as far as the job that does it on schedule differs by it. */
interface RefreshStarter {
  /** What the job does, for people. */
  readonly description: string;
  readonly httpTarget: input.cloudscheduler.JobHttpTarget;
  /** What there has to be before the job, beside what the schedule waits for anyway. */
  readonly settled?: pulumi.Output<pulumi.Resource[]>;
}

interface CloudBuildStarterArgs {
  /** The project that the starting account belongs to. */
  readonly project: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  /** Full name of the trigger. */
  readonly trigger: string;
}

/**
 * Runs a Cloud Build trigger, as a service account of its own that may start builds and nothing else. No
 * secret is stored: Google makes a token for each call.
 */
function cloudBuildStarter(
  name: string,
  { project, repositoryId, trigger }: CloudBuildStarterArgs,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  const [, buildProject = '', , , , triggerName = ''] = trigger.split('/');
  const starter = new BuildStarter(name, { repositoryId, project, buildProject }, options);
  return {
    description: `Runs the Cloud Build trigger ${triggerName}`,
    httpTarget: {
      uri: `${cloudBuild()}${trigger}:run`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: {
        serviceAccountEmail: starter.email,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      },
    },
    // Before its account may run the trigger, the job would fail for nothing.
    settled: starter.settled,
  };
}

/** Cloud Build's address; the gcp plug-in's own setting for another one counts here, too. */
function cloudBuild(): string {
  const custom = new pulumi.Config('gcp').get('cloudBuildCustomEndpoint');
  return custom ?? 'https://cloudbuild.googleapis.com/v1/';
}

interface GitlabPipelineStarterArgs {
  /** Where GitLab starts pipelines of the project. */
  readonly url: string;
  /** The branch or tag that the pipeline runs for. */
  readonly ref: string;
}

/**
 * Starts a pipeline in GitLab by a pipeline trigger token ("Trigger pipelines with the API"), which is the
 * stack's secret `refreshPipelineToken`. The token goes into the job's body and not into its address, which
 * people get to see; whoever may read the job at Google can read it there. By the secret in it, the whole
 * target is one to the engine, also where a refresh reads it back.
 */
function gitlabPipelineStarter({ url, ref }: GitlabPipelineStarterArgs): RefreshStarter {
  const token = new pulumi.Config().requireSecret('refreshPipelineToken');
  return {
    description: `Starts GitLab's pipeline of ${ref}`,
    httpTarget: {
      uri: url,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: token.apply((secret) => base64(new URLSearchParams({ token: secret, ref }))),
    },
  };
}

function base64(form: URLSearchParams): string {
  return Buffer.from(form.toString()).toString('base64');
}

import { Buffer } from 'node:buffer';
import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import type { input } from '@pulumi/gcp/types/index.js';
import pulumi from '@pulumi/pulumi';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { childOptions, silenceRepeatedErrors } from '../engine/resources.ts';
import { BuildStarter } from './build-starter.ts';

interface SchedulePlace {
  /** Where the schedule runs, and where the account that starts builds belongs. */
  readonly project: string;
  readonly region: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
}

interface ScheduledRefreshArgs extends SchedulePlace {
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
        retryConfig: refresh.retries > 0 ? { retryCount: refresh.retries } : undefined,
        httpTarget: starter.httpTarget,
      },
      { parent: this, dependsOn: starter.settled ?? own.dependsOn },
    );
    silenceRepeatedErrors(job);
    this.registerOutputs({});
  }
}

/** The part of the job that differs by the way in which the refresh is started. */
interface RefreshStarter {
  /** What the job does, for people. */
  readonly description: string;
  readonly httpTarget: input.cloudscheduler.JobHttpTarget;
  /** What the job depends on in place of what the schedule depends on. */
  readonly settled?: pulumi.Output<pulumi.Resource[]>;
}

function starterOf(
  name: string,
  { start }: RefreshSettings,
  place: SchedulePlace,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  switch (start.kind) {
    case 'cloud-build':
      return cloudBuildStarter(name, start.trigger, place, options);
    case 'gitlab-pipeline':
      return gitlabPipelineStarter(start);
  }
}

/**
 * Runs a Cloud Build trigger, as a service account of its own that may start builds and nothing else. No
 * secret is stored: Google makes a token for each request.
 */
function cloudBuildStarter(
  name: string,
  trigger: string,
  { project, repositoryId }: SchedulePlace,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  const [, buildProject = '', , , , triggerName = ''] = trigger.split('/');
  const starter = new BuildStarter(name, { repositoryId, project, buildProject }, options);
  // The gcp plug-in's own setting for another address counts here, too.
  const custom = new pulumi.Config('gcp').get('cloudBuildCustomEndpoint');
  return {
    description: `Runs the Cloud Build trigger ${triggerName}`,
    httpTarget: {
      uri: `${custom ?? 'https://cloudbuild.googleapis.com/v1/'}${trigger}:run`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: {
        serviceAccountEmail: starter.email,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      },
    },
    // A job whose account may not run the trigger yet would fail.
    settled: starter.settled,
  };
}

/**
 * Starts a pipeline in GitLab by a pipeline trigger token ("Trigger pipelines with the API"), which is the
 * stack's secret `refreshPipelineToken`. The token is in the job's body and not in its address, which more
 * people get to see; whoever may read the job at Google can read the token there. With the secret in it, the
 * whole target is a secret for the engine, also where a refresh reads it back.
 */
function gitlabPipelineStarter({
  url,
  ref,
}: {
  readonly url: string;
  readonly ref: string;
}): RefreshStarter {
  const token = new pulumi.Config().requireSecret('refreshPipelineToken');
  return {
    description: `Starts GitLab's pipeline of ${ref}`,
    httpTarget: {
      uri: url,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: token.apply((secret) => {
        const form = new URLSearchParams({ token: secret, ref });
        return Buffer.from(form.toString()).toString('base64');
      }),
    },
  };
}

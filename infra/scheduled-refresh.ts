import { Buffer } from 'node:buffer';
import gcp from '@pulumi/gcp';
import pulumi from '@pulumi/pulumi';
import type { RefreshSettings } from '../src/settings/settings.ts';
import { BuildStarter } from './build-starter.ts';
import { childOptions } from './child-options.ts';
import { reportFailureOnce } from './report-failure-once.ts';

export interface ScheduledRefreshArgs {
  /** Where the schedule runs. */
  readonly project: string;
  readonly region: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  readonly refresh: RefreshSettings;
}

/**
 * A Cloud Scheduler job that runs the refresh's Cloud Build trigger, as a service account of its own that
 * may start builds and nothing else. No secret is stored: Google makes a token for each call.
 */
export class ScheduledRefresh extends pulumi.ComponentResource {
  constructor(
    name: string,
    { project, region, repositoryId, refresh }: ScheduledRefreshArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:ScheduledRefresh', name, {}, options);
    const [, buildProject = '', , , , triggerName = ''] = refresh.trigger.split('/');
    const starter = new BuildStarter(
      `${name}-starter`,
      { repositoryId, project, buildProject },
      childOptions(this, options),
    );
    const job = new gcp.cloudscheduler.Job(
      name,
      {
        name: `refresh-${repositoryId}`,
        project,
        region,
        description: `Runs the Cloud Build trigger ${triggerName}`,
        schedule: refresh.schedule,
        timeZone: refresh.timeZone,
        attemptDeadline: `${refresh.deadlineSeconds}s`,
        paused: refresh.paused,
        // Google leaves out a 0, which the official plug-in would show as a difference for ever.
        ...(refresh.retries > 0 && { retryConfig: { retryCount: refresh.retries } }),
        httpTarget: {
          uri: `${cloudBuild()}${refresh.trigger}:run`,
          httpMethod: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from('{}').toString('base64'),
          oauthToken: {
            serviceAccountEmail: starter.email,
            scope: 'https://www.googleapis.com/auth/cloud-platform',
          },
        },
      },
      // Before its account may run the trigger, the job would fail for nothing.
      { parent: this, dependsOn: starter.settled },
    );
    reportFailureOnce(job);
    this.registerOutputs({});
  }
}

/** Cloud Build's address; the gcp plug-in's own setting for another one counts here, too. */
function cloudBuild(): string {
  const custom = new pulumi.Config('gcp').get('cloudBuildCustomEndpoint');
  return custom ?? 'https://cloudbuild.googleapis.com/v1/';
}

import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import pulumi from '@pulumi/pulumi';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { childOptions } from '../engine/child-options.ts';
import { cloudBuildStarter } from './cloud-build-starter.ts';
import { gitlabPipelineStarter } from './gitlab-pipeline-starter.ts';
import type { RefreshStarter } from './refresh-starter.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

export interface ScheduledRefreshArgs {
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

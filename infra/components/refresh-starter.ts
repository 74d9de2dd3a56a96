import type { input } from '@pulumi/gcp/types/index.js';
import type pulumi from '@pulumi/pulumi';

/** One way to start the refresh, as far as the job that does it on schedule differs by it. */
export interface RefreshStarter {
  /** What the job does, for people. */
  readonly description: string;
  readonly httpTarget: input.cloudscheduler.JobHttpTarget;
  /** What there has to be before the job, beside what the schedule waits for anyway. */
  readonly settled?: pulumi.Output<pulumi.Resource[]>;
}

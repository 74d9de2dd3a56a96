import gcp from '@pulumi/gcp';
import pulumi from '@pulumi/pulumi';
import { reportFailureOnce } from './report-failure-once.ts';

export interface GoogleApisArgs {
  /** Such as `artifactregistry.googleapis.com`. */
  readonly apis: readonly string[];
}

/** Google APIs that are switched on in the project, and stay on when the stack goes: others may use them. */
export class GoogleApis extends pulumi.ComponentResource {
  constructor(name: string, { apis }: GoogleApisArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:GoogleApis', name, {}, options);
    for (const service of apis) {
      reportFailureOnce(
        new gcp.projects.Service(service, { service, disableOnDestroy: false }, { parent: this }),
      );
    }
    this.registerOutputs({});
  }
}

import { Service } from '@pulumi/gcp/projects/service.js';
import pulumi from '@pulumi/pulumi';
import { afterwards } from '../engine/afterwards.ts';
import { childOptions } from '../engine/child-options.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

export interface GoogleApisArgs {
  /** Such as `artifactregistry.googleapis.com`. */
  readonly apis: readonly string[];
}

/** Google APIs that are switched on in the project, and stay on when the stack goes: others may use them. */
export class GoogleApis extends pulumi.ComponentResource {
  /** For `dependsOn`. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  constructor(name: string, { apis }: GoogleApisArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:GoogleApis', name, {}, options);
    const services = apis.map(
      (service) =>
        new Service(service, { service, disableOnDestroy: false }, childOptions(this, options)),
    );
    services.forEach(reportFailureOnce);
    this.settled = afterwards(...services);
    this.registerOutputs({});
  }
}

import { Service } from '@pulumi/gcp/projects/service.js';
import pulumi from '@pulumi/pulumi';
import { afterwards, childOptions, reportFailureOnce } from '../engine/resources.ts';
import type { Settings } from '../../src/settings/settings.ts';

interface GoogleApisArgs {
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

const ALWAYS = ['artifactregistry.googleapis.com'];

const SCHEDULE = 'cloudscheduler.googleapis.com';

/** For the schedule, its service account, the account's role, and the trigger that is run. */
const FOR_CLOUD_BUILD = [
  'cloudbuild.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  SCHEDULE,
  'iam.googleapis.com',
];

const FOR_IDENTITY = [
  'cloudresourcemanager.googleapis.com',
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'sts.googleapis.com',
];

/** The Google APIs that a stack uses, as far as it is to switch them on itself. */
export function requiredApis({
  enableApis,
  refresh,
  identity,
}: Pick<Settings, 'enableApis' | 'refresh' | 'identity'>): readonly string[] {
  if (!enableApis) return [];
  const forIdentity = identity === undefined ? [] : FOR_IDENTITY;
  return [...new Set([...ALWAYS, ...apisToStart(refresh), ...forIdentity])];
}

function apisToStart(refresh: Settings['refresh']): readonly string[] {
  switch (refresh?.start.kind) {
    case undefined:
      return [];
    case 'cloud-build':
      return FOR_CLOUD_BUILD;
    case 'gitlab-pipeline':
      return [SCHEDULE];
  }
}

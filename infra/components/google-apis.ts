import { Service } from '@pulumi/gcp/projects/service.js';
import pulumi from '@pulumi/pulumi';
import { settled, silenceRepeatedErrors } from '../engine/resources.ts';
import type { Settings } from '../../src/settings/settings.ts';

/** Google APIs that are switched on in the project, and stay on when the stack goes: others may use them. */
export class GoogleApis extends pulumi.ComponentResource {
  /** For `dependsOn`. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  /** `apis` are such as `artifactregistry.googleapis.com`. */
  constructor(name: string, { apis }: { readonly apis: readonly string[] }) {
    super('kubernetes-ci-images:index:GoogleApis', name);
    const services = apis.map(
      (service) => new Service(service, { service, disableOnDestroy: false }, { parent: this }),
    );
    services.forEach(silenceRepeatedErrors);
    this.settled = settled(...services);
    this.registerOutputs({});
  }
}

const ALWAYS = ['artifactregistry.googleapis.com'];

/** For the schedule, and for a trigger also the trigger, its service account and the account's role. */
const TO_START = {
  'cloud-build': [
    'cloudbuild.googleapis.com',
    'cloudresourcemanager.googleapis.com',
    'cloudscheduler.googleapis.com',
    'iam.googleapis.com',
  ],
  'gitlab-pipeline': ['cloudscheduler.googleapis.com'],
};

const FOR_IDENTITY = [
  'cloudresourcemanager.googleapis.com',
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'sts.googleapis.com',
];

/** The Google APIs that a stack uses; none where it does not switch them on itself. */
export function requiredApis({
  enableApis,
  refresh,
  identity,
}: Pick<Settings, 'enableApis' | 'refresh' | 'identity'>): readonly string[] {
  if (!enableApis) return [];
  const forRefresh = refresh === undefined ? [] : TO_START[refresh.start.kind];
  const forIdentity = identity === undefined ? [] : FOR_IDENTITY;
  return [...new Set([...ALWAYS, ...forRefresh, ...forIdentity])];
}

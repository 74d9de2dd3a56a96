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

/**
 * Declares the APIs that a stack uses. A stack without a repository of its own that uses none declares nothing: it may
 * have no Google project.
 */
export function declareApis(settings: Settings): Pick<GoogleApis, 'settled'> {
  const apis = requiredApis(settings);
  const isOwner = settings.destination.kind === 'managed';
  if (apis.length > 0 || isOwner) return new GoogleApis('google-apis', { apis });
  return { settled: settled() };
}

const FOR_REPOSITORY = ['artifactregistry.googleapis.com'];

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
  destination,
  enableApis,
  refresh,
  identity,
}: Pick<Settings, 'destination' | 'enableApis' | 'refresh' | 'identity'>): readonly string[] {
  if (!enableApis) return [];
  const forRepository = destination.kind === 'managed' ? FOR_REPOSITORY : [];
  const forRefresh = refresh === undefined ? [] : TO_START[refresh.start.kind];
  const forIdentity = identity === undefined ? [] : FOR_IDENTITY;
  return [...new Set([...forRepository, ...forRefresh, ...forIdentity])];
}

import type { Settings } from '../../src/settings/settings.ts';

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

import type { Settings } from '../src/settings/settings.ts';

const ALWAYS = ['artifactregistry.googleapis.com'];

const SCHEDULE = 'cloudscheduler.googleapis.com';

/** For the schedule, its service account, the account's role, and the trigger that is run. */
const FOR_CLOUD_BUILD = [
  'cloudbuild.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  SCHEDULE,
  'iam.googleapis.com',
];

/** The Google APIs that a stack uses, as far as it is to switch them on itself. */
export function requiredApis({
  enableApis,
  refresh,
}: Pick<Settings, 'enableApis' | 'refresh'>): readonly string[] {
  if (!enableApis) return [];
  switch (refresh?.start.kind) {
    case undefined:
      return ALWAYS;
    case 'cloud-build':
      return [...ALWAYS, ...FOR_CLOUD_BUILD];
    case 'gitlab-pipeline':
      return [...ALWAYS, SCHEDULE];
  }
}

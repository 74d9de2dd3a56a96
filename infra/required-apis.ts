import type { Settings } from '../src/settings/settings.ts';

const ALWAYS = ['artifactregistry.googleapis.com'];

/** For the schedule, its service account, the account's role, and the trigger that is run. */
const FOR_REFRESH = [
  'cloudbuild.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  'cloudscheduler.googleapis.com',
  'iam.googleapis.com',
];

/** The Google APIs that a stack uses, as far as it is to switch them on itself. */
export function requiredApis({
  enableApis,
  refresh,
}: Pick<Settings, 'enableApis' | 'refresh'>): readonly string[] {
  if (!enableApis) return [];
  return refresh === undefined ? ALWAYS : [...ALWAYS, ...FOR_REFRESH];
}

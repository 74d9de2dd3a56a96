import type { Settings } from './settings.ts';

/** A service account that pipelines become, and what it may do in the project. README.md says what for. */
export interface PipelineRole {
  readonly accountId: string;
  readonly title: string;
  readonly roles: readonly string[];
}

/** To see, in a refresh, what it may not change. */
const LOOKING = ['roles/iam.securityReviewer', 'roles/iam.workloadIdentityPoolViewer'];

/** For the account that the schedule starts builds as, its role, and the giving of that. */
const FOR_CLOUD_BUILD = [
  'roles/iam.roleAdmin',
  'roles/iam.serviceAccountAdmin',
  'roles/iam.serviceAccountUser',
  'roles/resourcemanager.projectIamAdmin',
];

/**
 * Looks at the registry, and at nothing else: a preview doesn't refresh, and any merge request of the project
 * can become this. The scheduler's job would show the trigger token.
 */
export const PREVIEWER: PipelineRole = {
  accountId: 'image-previewer',
  title: 'Previews the CI images',
  roles: ['roles/artifactregistry.reader'],
};

/** Changes the stack: no more of it than a stack with these settings has. */
export function deployerOf({
  enableApis,
  refresh,
}: Pick<Settings, 'enableApis' | 'refresh'>): PipelineRole {
  return {
    accountId: 'image-publisher',
    title: 'Publishes the CI images',
    roles: [
      'roles/artifactregistry.admin',
      refresh === undefined ? 'roles/cloudscheduler.viewer' : 'roles/cloudscheduler.admin',
      ...(refresh?.start.kind === 'cloud-build' ? FOR_CLOUD_BUILD : []),
      ...LOOKING,
      enableApis ? 'roles/serviceusage.serviceUsageAdmin' : 'roles/serviceusage.serviceUsageViewer',
    ],
  };
}

import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, type Script } from './scripted-google.ts';

export const TYPE = 'gcp:artifactregistry/repository:Repository';
const PARENT = 'projects/ci-images/locations/europe-west4';
export const ID = `${PARENT}/repositories/images`;
export const AT = `artifactregistry/v1/${ID}`;
export const CREATE = `POST artifactregistry/v1/${PARENT}/repositories?repository_id=images`;
export const DONE = { name: `${PARENT}/operations/o`, done: true };
export const NEWS: Properties = {
  repositoryId: 'images',
  format: 'DOCKER',
  labels: { team: 'ci', empty: '' },
  cleanupPolicyDryRun: false,
  cleanupPolicies: [
    { id: 'keep', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
    {
      id: 'delete',
      action: 'DELETE',
      condition: { olderThan: '2592000s', tagState: 'TAGGED', tagPrefixes: [] },
    },
  ],
};
/** What Google has after `NEWS`. */
export const THERE: Properties = {
  name: ID,
  format: 'DOCKER',
  mode: 'STANDARD_REPOSITORY',
  labels: { team: 'ci', empty: '', 'goog-pulumi-provisioned': 'true' },
  cleanupPolicies: {
    delete: {
      id: 'delete',
      action: 'DELETE',
      condition: { olderThan: '2592000s', tagState: 'TAGGED' },
    },
    keep: { id: 'keep', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  },
  createTime: '2026-01-01T00:00:00Z',
  updateTime: '2026-01-02T00:00:00Z',
  sizeBytes: '0',
  registryUri: 'europe-west4-docker.pkg.dev/ci-images/images',
  vulnerabilityScanningConfig: { enablementState: 'SCANNING_DISABLED' },
};

/** A Google that knows the repository; other responses may replace its own. */
export const google = (script: Script = {}, settings?: Properties) =>
  scriptedGoogle({ [`GET ${AT}`]: THERE, [CREATE]: DONE, ...script }, settings);

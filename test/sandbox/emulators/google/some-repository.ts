import { PARENT } from './started-api.ts';

/** Where the tests' repositories are. */
export const COLLECTION = `v1/${PARENT}/repositories`;
/** A repository with all that this project sets. */
export const FULL = {
  format: 'DOCKER',
  mode: 'STANDARD_REPOSITORY',
  description: 'Images of Kubernetes CI',
  labels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
  cleanupPolicies: {
    old: { action: 'DELETE', condition: { tagState: 'ANY', olderThan: '2592000s' } },
    newest: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  },
  cleanupPolicyDryRun: true,
};

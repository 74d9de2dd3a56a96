/** A Pulumi program with a resource of each type, with all the inputs that this project gives. */
export const PROGRAM = `
import * as pulumi from '@pulumi/pulumi';
import artifactregistry from '@pulumi/gcp/artifactregistry/index.js';
import cloudscheduler from '@pulumi/gcp/cloudscheduler/index.js';
import organizations from '@pulumi/gcp/organizations/index.js';
import projects from '@pulumi/gcp/projects/index.js';
import serviceaccount from '@pulumi/gcp/serviceaccount/index.js';
const config = new pulumi.Config();
const days = config.getNumber('days') ?? 30;
const retries = config.getNumber('retries') ?? 1;
const api = new projects.Service('api', {
  service: 'artifactregistry.googleapis.com', disableOnDestroy: false,
});
const repository = new artifactregistry.Repository(
  'images',
  {
    repositoryId: config.get('repositoryId') ?? 'images',
    format: 'DOCKER',
    description: 'images for CI',
    labels: { team: 'ci' },
    cleanupPolicyDryRun: true,
    cleanupPolicies: [
      { id: 'keep-releases', action: 'KEEP', condition: { tagState: 'TAGGED', tagPrefixes: ['release-'] } },
      { id: 'delete-old', action: 'DELETE', condition: { tagState: 'TAGGED', olderThan: days * 86400 + 's' } },
      { id: 'delete-untagged', action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '604800s' } },
      {
        id: 'keep-allowed', action: 'KEEP',
        condition: { tagState: 'ANY', versionNamePrefixes: ['sha256:ab'], packageNamePrefixes: ['rocky'] },
      },
      {
        id: 'keep-newest', action: 'KEEP',
        mostRecentVersions: { keepCount: 5, packageNamePrefixes: ['rocky'] },
      },
    ],
  },
  { dependsOn: api },
);
const place = { repository: repository.name, location: repository.location };
new artifactregistry.RepositoryIamBinding('readers', {
  ...place, role: 'roles/artifactregistry.reader', members: ['allUsers'],
});
new artifactregistry.RepositoryIamBinding('writers', {
  ...place, role: 'roles/artifactregistry.writer', members: ['user:b@example.com', 'user:a@example.com'],
});
const account = new serviceaccount.Account('scheduler', {
  accountId: 'scheduler', displayName: 'Starts the refresh', description: 'and nothing else',
});
new serviceaccount.IAMMember('deployer', {
  serviceAccountId: account.name, role: 'roles/iam.serviceAccountUser', member: 'user:deployer@example.com',
});
const role = new projects.IAMCustomRole('starter', {
  roleId: 'starter', title: 'Starts builds', description: 'and nothing else',
  permissions: ['cloudbuild.builds.create', 'cloudbuild.builds.get'],
});
new projects.IAMMember('starters', {
  project: 'ci-images', role: role.name, member: account.member,
});
const job = new cloudscheduler.Job('refresh', {
  name: 'refresh',
  region: 'europe-west4',
  description: 'Runs a trigger',
  schedule: '0 0 * * *',
  timeZone: 'Europe/Berlin',
  paused: config.getBoolean('paused') ?? false,
  attemptDeadline: '180s',
  retryConfig: retries > 0 ? { retryCount: retries } : undefined,
  httpTarget: {
    uri: config.require('target'),
    httpMethod: 'POST',
    body: pulumi.secret(Buffer.from('{"source": {"tagName": "hush"}}').toString('base64')),
    headers: { 'Content-Type': 'application/json' },
    oauthToken: {
      serviceAccountEmail: account.email,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    },
  },
});
export const registryUri = repository.registryUri;
export const labels = repository.effectiveLabels;
export const state = job.state;
export const member = account.member;
export const login = organizations.getClientConfigOutput().accessToken;
`;

import { describe, expect, test } from 'vitest';
import {
  deployerOf,
  PREVIEWER,
  githubTrust,
  gitlabTrust,
  type HostTrust,
} from '../../src/settings/pipeline-identity.ts';
import { PIPELINE, someSettings, TRIGGER } from './some-settings.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { evaluate } from '@marcbachmann/cel-js';

describe('the settings', () => {
  test.each([
    [{}, undefined],
    [
      { gitlabProject: '7/42' },
      { gitlab: { issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' } },
    ],
    [
      { githubRepository: '7/42', githubBranch: 'trunk' },
      { github: { ownerId: '7', repositoryId: '42', ref: 'refs/heads/trunk' } },
    ],
  ])('name the hosts whose pipelines are trusted: %j', (changed, identity) => {
    expect(someSettings(changed).identity).toEqual(identity);
  });

  test.each([
    { gitlabProject: 'group/project' },
    { gitlabProject: '42' },
    { gitlabProject: '7/42" || true || "' },
    { gitlabIssuer: 'https://gitlab.com' },
    { gitlabIssuer: 'http://gitlab.com/' },
    { githubRepository: 'owner/name' },
    { githubBranch: 'x" || "y' },
  ])('%j is rejected', (changed) => {
    expect(() => someSettings(changed)).toThrow(`INVALID_SETTING ${Object.keys(changed)[0] ?? ''}`);
  });
});

test('the deployer may do no more than its stack needs, and the previewer only reads the registry', () => {
  const rolesOf = (changed: object) => deployerOf(someSettings({ ...changed })).roles;
  const admin = 'roles/resourcemanager.projectIamAdmin';
  const none = rolesOf({ enableApis: 'false' });
  expect(none.filter((role) => /admin$/i.test(role))).toEqual(['roles/artifactregistry.admin']);
  const gitlab = { refreshPipeline: PIPELINE, refreshPipelineToken: ENCRYPTED };
  expect(rolesOf(gitlab)).not.toContain(admin);
  expect(rolesOf({ refreshTrigger: TRIGGER })).toContain(admin);
  expect(PREVIEWER.roles).toEqual(['roles/artifactregistry.reader']);
});

type Claims = Readonly<Record<string, string>>;

/** The attributes that Google would give a token with these claims; `rejected` without any. */
function attributesOf({ condition, mapping }: HostTrust, claims: Claims) {
  if (evaluate(condition, { assertion: claims }) !== true) return 'rejected';
  return Object.fromEntries(
    Object.entries(mapping).map(([name, expression]) => [
      name,
      evaluate(expression, { assertion: claims }) as string,
    ]),
  );
}

const LARGEST = '18446744073709551615';

describe.each<{
  host: string;
  trust: HostTrust;
  claims: Claims;
  subject: string;
  deploying: readonly Claims[];
  previewing: readonly Claims[];
  rejected: readonly Claims[];
}>([
  {
    host: 'GitLab',
    trust: gitlabTrust({ issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' }),
    claims: {
      sub: 'project_path:g/p:ref_type:branch:ref:main',
      namespace_id: '7',
      project_id: '42',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      pipeline_id: LARGEST,
      pipeline_source: 'push',
    },
    subject: `gitlab-42:${LARGEST}`,
    deploying: [{ pipeline_source: 'schedule' }, { ref: 'long-'.repeat(40) }],
    previewing: [
      { ref: 'feature', ref_protected: 'false' },
      { ref: 'v1', ref_type: 'tag' },
      { ref: 'refs/merge-requests/1/head', ref_protected: 'false' },
      // Older versions say this of a fork's merge request that a member of the project has started.
      { pipeline_source: 'merge_request_event' },
    ],
    // A fork, and somebody who took the name.
    rejected: [{ project_id: '43' }, { namespace_id: '8' }, { project_id: '421' }],
  },
  {
    host: 'GitHub',
    trust: githubTrust({ ownerId: '7', repositoryId: '42', ref: 'refs/heads/main' }),
    claims: {
      sub: 'repo:o/r:ref:refs/heads/main',
      repository_owner_id: '7',
      repository_id: '42',
      ref: 'refs/heads/main',
      event_name: 'push',
      run_id: LARGEST,
    },
    subject: `github-42:${LARGEST}`,
    deploying: [{ event_name: 'schedule' }],
    previewing: [
      { ref: 'refs/heads/main2' },
      { ref: 'refs/pull/1/merge', event_name: 'pull_request' },
      { event_name: 'pull_request' },
      { event_name: 'pull_request_target' },
    ],
    rejected: [{ repository_id: '43' }, { repository_owner_id: '8' }],
  },
])('on $host, a pipeline', ({ trust, claims, subject, deploying, previewing, rejected }) => {
  const { pipeline, deployer } = trust;

  test.each([{}, ...deploying])('with %j may become the deployer', (other) => {
    // Google takes subjects of at most 127 bytes ("Workload Identity Federation", attribute mappings).
    expect(attributesOf(trust, { ...claims, ...other })).toEqual({
      'google.subject': subject,
      'attribute.pipeline': pipeline,
      'attribute.deployer': deployer,
    });
  });

  test.each(previewing)('with %j may become the previewer only', (other) => {
    const attributes = attributesOf(trust, { ...claims, ...other });
    expect(attributes).toMatchObject({ 'attribute.pipeline': pipeline });
    expect(attributes).not.toMatchObject({ 'attribute.deployer': deployer });
  });

  test.each(rejected)('with %j is rejected', (other) => {
    expect(attributesOf(trust, { ...claims, ...other })).toBe('rejected');
  });
});

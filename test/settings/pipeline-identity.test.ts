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

describe('who is trusted', () => {
  test('is a project by its numbers, and its protected branches', () => {
    const trust = gitlabTrust({ issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' });
    expect(trust.condition).toBe('assertion.namespace_id == "7" && assertion.project_id == "42"');
    expect(trust.mapping['attribute.deployer']).toContain('assertion.ref_protected == "true"');
    expect([trust.pipeline, trust.deployer]).toEqual(['gitlab-42', 'gitlab-42-protected']);
  });

  test('is a repository by its numbers, and its one branch, outside pull requests', () => {
    const ref = 'refs/heads/main';
    const trust = githubTrust({ ownerId: '7', repositoryId: '42', ref });
    expect(trust.issuer).toBe('https://token.actions.githubusercontent.com');
    expect(trust.condition).toBe(
      'assertion.repository_owner_id == "7" && assertion.repository_id == "42"',
    );
    expect(trust.mapping['attribute.deployer']).toContain(`assertion.ref == "${ref}"`);
    expect(trust.deployer).toBe('github-42-protected');
  });

  test('has every attribute that it uses mapped', () => {
    for (const { mapping } of [
      gitlabTrust({ issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' }),
      githubTrust({ ownerId: '7', repositoryId: '42', ref: 'refs/heads/main' }),
    ]) {
      expect(Object.keys(mapping).sort()).toEqual([
        ...['attribute.deployer', 'attribute.pipeline', 'google.subject'],
      ]);
    }
  });
});

describe('the settings', () => {
  test('name one host, the other, both or none', () => {
    expect(someSettings().identity).toBeUndefined();
    expect(someSettings({ gitlabProject: '7/42' }).identity).toEqual({
      gitlab: { issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' },
    });
    expect(someSettings({ githubRepository: '7/42', githubBranch: 'trunk' }).identity).toEqual({
      github: { ownerId: '7', repositoryId: '42', ref: 'refs/heads/trunk' },
    });
  });

  test.each([
    { gitlabProject: 'group/project' },
    { gitlabProject: '42' },
    { gitlabProject: '7/42" || true || "' },
    { gitlabIssuer: 'https://gitlab.com' },
    { gitlabIssuer: 'http://gitlab.com/' },
    { githubRepository: 'owner/name' },
    { githubBranch: 'x" || "y' },
  ])('%j is refused', (changed) => {
    expect(() => someSettings(changed)).toThrow(`INVALID_SETTING ${Object.keys(changed)[0] ?? ''}`);
  });
});

describe('the deployer', () => {
  test('may do no more than its stack needs', () => {
    const none = deployerOf(someSettings({ enableApis: 'false' })).roles;
    expect(none.filter((role) => /admin$/i.test(role))).toEqual(['roles/artifactregistry.admin']);
    const gitlab = { refreshPipeline: PIPELINE, refreshPipelineToken: ENCRYPTED };
    expect(deployerOf(someSettings(gitlab)).roles).not.toContain(
      'roles/resourcemanager.projectIamAdmin',
    );
    expect(deployerOf(someSettings({ refreshTrigger: TRIGGER })).roles).toContain(
      'roles/resourcemanager.projectIamAdmin',
    );
  });

  test('is the only one that may change anything, or see the trigger token', () => {
    expect(PREVIEWER.roles).toEqual(['roles/artifactregistry.reader']);
  });
});

/** Google's limit ("Workload Identity Federation", attribute mappings), in bytes. */
const LONGEST_SUBJECT = 127;

type Claims = Readonly<Record<string, string>>;

/** The values of the attributes that Google would give a token with these claims; none where it is refused. */
function attributesOf({ condition, mapping }: HostTrust, claims: Claims) {
  if (evaluate(condition, { assertion: claims }) !== true) return 'refused';
  return {
    deployer: evaluate(mapping['attribute.deployer'] ?? '', { assertion: claims }) as string,
    pipeline: evaluate(mapping['attribute.pipeline'] ?? '', { assertion: claims }) as string,
  };
}

describe('on GitLab, a pipeline', () => {
  const trust = gitlabTrust({ issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' });
  const main: Claims = {
    ...{ sub: 'project_path:g/p:ref_type:branch:ref:main', namespace_id: '7', project_id: '42' },
    ...{ ref: 'main', ref_type: 'branch', ref_protected: 'true' },
    ...{ pipeline_id: '18446744073709551615', pipeline_source: 'push' },
  };

  test('of a protected branch may become the deployer', () => {
    const { deployer, pipeline } = trust;
    expect(attributesOf(trust, main)).toEqual({ deployer, pipeline });
  });

  test.each<Claims>([
    { ref: 'feature', ref_protected: 'false' },
    { ref: 'v1', ref_type: 'tag' },
    { ref: 'refs/merge-requests/1/head', ref_protected: 'false' },
    // As older versions say it of a fork's merge request that somebody of the project has started.
    { pipeline_source: 'merge_request_event' },
  ])('of %j may become the previewer only', (other) => {
    const found = attributesOf(trust, { ...main, ...other });
    expect(found).toMatchObject({ pipeline: trust.pipeline });
    expect(found).not.toMatchObject({ deployer: trust.deployer });
  });

  test.each<Claims>([{ project_id: '43' }, { namespace_id: '8' }, { project_id: '421' }])(
    'with %j, of a fork or of somebody who took the name, is refused',
    (other) => {
      expect(attributesOf(trust, { ...main, ...other })).toBe('refused');
    },
  );
});

test('a subject is as long as Google takes it, whatever the branch is called', () => {
  const ref = `refs/heads/${'long-'.repeat(40)}`;
  const claims: Claims = {
    ...{ project_id: '18446744073709551615', pipeline_id: '18446744073709551615' },
    ...{ repository_id: '18446744073709551615', run_id: '18446744073709551615' },
    ...{ sub: `project_path:g/p:ref_type:branch:ref:${ref}`, ref },
  };
  for (const { mapping } of [
    gitlabTrust({ issuer: 'https://gitlab.com/', namespaceId: '7', projectId: '42' }),
    githubTrust({ ownerId: '7', repositoryId: '42', ref }),
  ]) {
    const subject = evaluate(mapping['google.subject'] ?? '', { assertion: claims }) as string;
    expect(subject).toMatch(/^git(?:lab|hub)-\d+:\d+$/);
    expect(subject.length).toBeLessThanOrEqual(LONGEST_SUBJECT);
  }
});

describe('on GitHub, a workflow', () => {
  const trust = githubTrust({ ownerId: '7', repositoryId: '42', ref: 'refs/heads/main' });
  const main: Claims = {
    ...{ sub: 'repo:o/r:ref:refs/heads/main', repository_owner_id: '7', repository_id: '42' },
    ...{ ref: 'refs/heads/main', event_name: 'push' },
  };

  test('of the branch may become the deployer', () => {
    const { deployer, pipeline } = trust;
    expect(attributesOf(trust, main)).toEqual({ deployer, pipeline });
    const schedule = { ...main, event_name: 'schedule' };
    expect(attributesOf(trust, schedule)).toMatchObject({ deployer });
  });

  test.each<Claims>([
    { ref: 'refs/heads/main2' },
    { ref: 'refs/pull/1/merge', event_name: 'pull_request' },
    { event_name: 'pull_request' },
    { event_name: 'pull_request_target' },
  ])('of %j may become the previewer only', (other) => {
    const found = attributesOf(trust, { ...main, ...other });
    expect(found).toMatchObject({ pipeline: trust.pipeline });
    expect(found).not.toMatchObject({ deployer: trust.deployer });
  });

  test.each<Claims>([{ repository_id: '43' }, { repository_owner_id: '8' }])(
    'with %j is refused',
    (other) => {
      expect(attributesOf(trust, { ...main, ...other })).toBe('refused');
    },
  );
});

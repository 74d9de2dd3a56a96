import { describe, expect, test } from 'vitest';
import {
  deployerOf,
  PREVIEWER,
  githubTrust,
  gitlabTrust,
} from '../../src/settings/pipeline-identity.ts';
import { PIPELINE, someSettings, TRIGGER } from './some-settings.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';

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

import { evaluate } from '@marcbachmann/cel-js';
import { describe, expect, test } from 'vitest';
import { githubTrust, gitlabTrust, type HostTrust } from '../../src/settings/pipeline-identity.ts';

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

import { describe, expect, test } from 'vitest';
import {
  deployerOf,
  githubTrust,
  gitlabTrust,
  previewerOf,
  repositoryGrants,
  type HostTrust,
} from '../../src/settings/pipeline-identity.ts';
import { PIPELINE, someSettings, TRIGGER } from './some-settings.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { evaluate, EvaluationError, parse } from '@marcbachmann/cel-js';

/** As GitLab shows them. */
const KEYS =
  '{"keys":[{"kty":"RSA","kid":"one","e":"AQAB","n":"3q2-7w","use":"sig","alg":"RS256"}]}';

const GITLAB = {
  issuer: 'https://gitlab.com/',
  namespaceId: '7',
  projectId: '42',
  branch: 'main',
};
const GITHUB = { ownerId: '7', repositoryId: '42', branch: 'main' };
const OWN_GITLAB = 'https://git.example.com:8443/tools/gitlab/';
const OWN_GITHUB = 'https://git.example.com/_services/token';

describe('the settings', () => {
  test.each([
    [{}, undefined],
    [{ gitlabProject: '7/42' }, { gitlab: GITLAB }],
    [
      { gitlabProject: '7/42', gitlabIssuer: OWN_GITLAB },
      { gitlab: { ...GITLAB, issuer: OWN_GITLAB } },
    ],
    [{ gitlabProject: '7/42', gitlabKeys: KEYS }, { gitlab: { ...GITLAB, keys: KEYS } }],
    [
      { githubRepository: '7/42', githubBranch: 'trunk' },
      { github: { ...GITHUB, branch: 'trunk' } },
    ],
    [
      { githubRepository: '7/42', githubIssuer: OWN_GITHUB, githubKeys: KEYS },
      { github: { ...GITHUB, issuer: OWN_GITHUB, keys: KEYS } },
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
    { gitlabIssuer: 'https://git.example.com/gitlab' },
    { gitlabIssuer: 'https://git.example.com/a//' },
    { gitlabIssuer: 'https://git.example.com/a/../' },
    { gitlabIssuer: 'https://git.example.com/a"/' },
    { gitlabKeys: 'https://gitlab.com/oauth/discovery/keys' },
    { gitlabKeys: '{"keys":[]}' },
    { gitlabKeys: '{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}' },
    { gitlabKeys: KEYS.replace('"n"', '"d":"private","n"') },
    { gitlabBranch: 'x" || "y' },
    { githubRepository: 'owner/name' },
    { githubBranch: 'x" || "y' },
    { githubIssuer: 'https://git.example.com/_services/token/' },
    { githubIssuer: 'http://git.example.com/_services/token' },
    { githubIssuer: 'https://git.example.com/a"' },
    { githubKeys: '{"keys":[]}' },
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
  expect(previewerOf(someSettings()).roles).toEqual(['roles/artifactregistry.reader']);
});

describe('in a stack of owners', () => {
  const access = { part: 'access', refreshTrigger: TRIGGER };
  const account = (name: string) => `serviceAccount:${name}@some-project.iam.gserviceaccount.com`;

  test('no account of a pipeline has a role in the project', () => {
    const settings = someSettings({ ...access, gitlabProject: '7/42' });
    expect([deployerOf(settings).roles, previewerOf(settings).roles]).toEqual([[], []]);
  });

  test('each has what it needs of the repository, none may grant, and one only pushes', () => {
    const people = { readers: ['allUsers'], writers: ['group:ci@example.com'] };
    const grants = repositoryGrants(someSettings({ ...access, ...people, gitlabProject: '7/42' }));
    expect(grants.map(({ name, role, members }) => [name, role, ...members])).toEqual([
      ['readers', 'roles/artifactregistry.reader', 'allUsers', account('image-previewer')],
      ['writers', 'roles/artifactregistry.writer', 'group:ci@example.com', account('image-pusher')],
      ['keepers', 'roles/artifactregistry.repoAdmin', account('image-publisher')],
      ['updaters', 'projects/some-project/roles/update_images', account('image-publisher')],
    ]);
  });

  test('without pipelines, and in a stack of all, the settings name who may what', () => {
    const writers = ['group:ci@example.com'];
    for (const changed of [access, { gitlabProject: '7/42' }]) {
      const grants = repositoryGrants(someSettings({ ...changed, writers }));
      expect(grants).toEqual([
        { name: 'writers', role: 'roles/artifactregistry.writer', members: writers },
      ]);
    }
  });
});

type Claims = Readonly<Record<string, string>>;

/** Column → what can be there → the claims that say so, with `{ref}` for the claim `ref`. */
type Columns = Readonly<Record<string, Readonly<Record<string, Claims>>>>;

/** Column → what is there. */
type Row = Readonly<Record<string, string>>;

function rowsOf(columns: Readonly<Record<string, readonly string[]>>): readonly Row[] {
  return Object.entries(columns).reduce<readonly Row[]>(
    (rows, [column, values]) =>
      rows.flatMap((row) => values.map((value) => ({ ...row, [column]: value }))),
    [{}],
  );
}

function filled(claims: Claims): Claims {
  const fill = (value: string) => value.replace('{ref}', claims['ref'] ?? '');
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, fill(value)]));
}

/** What Google makes of tokens, by the conditions that are declared. */
function google({ condition, mapping, deployer, pipeline }: HostTrust) {
  const isAccepted = parse(condition);
  const attribute = (name: string) => parse(mapping[`attribute.${name}`] ?? '');
  const [ofDeployer, ofPipeline] = [attribute('deployer'), attribute('pipeline')];
  return (assertion: Claims) => {
    try {
      if (isAccepted({ assertion }) !== true) return 'rejected';
    } catch (error) {
      // Google rejects a token that lacks a claim.
      if (error instanceof EvaluationError) return 'rejected';
      throw error;
    }
    if (ofPipeline({ assertion }) !== pipeline) return 'nobody';
    return ofDeployer({ assertion }) === deployer ? 'deployer' : 'previewer';
  };
}

const LARGEST = '18446744073709551615';

/** GitLab's claims of each source of a pipeline ("CI_PIPELINE_SOURCE"). */
const GITLAB_SOURCES = [
  ...['push', 'schedule', 'web', 'trigger', 'merge_request_event', 'api', 'pipeline'],
  ...['parent_pipeline', 'chat', 'external', 'external_pull_request_event', 'webide'],
  ...['ondemand_dast_scan', 'security_orchestration_policy'],
];
const GITHUB_EVENTS = [
  ...['push', 'schedule', 'workflow_dispatch', 'pull_request', 'pull_request_target'],
  ...['merge_group', 'workflow_run', 'repository_dispatch', 'issue_comment', 'release', 'delete'],
];
const GITHUB_REFS = [
  ...['refs/heads/main', 'refs/heads/main2', 'refs/heads/release-1', 'refs/tags/main'],
  ...['refs/pull/1/merge', 'refs/heads/gh-readonly-queue/main/pr-1-0a'],
];
const PROTECTED = { yes: { ref_protected: 'true' }, no: { ref_protected: 'false' } };

const claimOf = (name: string, values: readonly string[]) =>
  Object.fromEntries(values.map((value) => [value, { [name]: value }]));

/** A project as GitLab has it in a token: whose commits they are, and where the job runs. */
const gitlabProjects = (source: string, runs: string, namespace = '7') => ({
  ...{ namespace_id: namespace, project_id: source, job_project_id: runs },
});

const CONFIG = 'gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main';

describe.each<{
  host: string;
  trust: HostTrust;
  claims: Claims;
  columns: Columns;
  /** Which rows get a role; every other row is rejected. A column that is left out makes no difference. */
  deployer: Readonly<Record<string, readonly string[]>>;
  previewer: Readonly<Record<string, readonly string[]>>;
}>([
  {
    host: 'GitLab',
    trust: gitlabTrust(GITLAB),
    claims: { project_path: 'g/p', pipeline_id: LARGEST },
    columns: {
      event: claimOf('pipeline_source', GITLAB_SOURCES),
      ref: claimOf('ref_path', [
        'refs/heads/main',
        'refs/heads/main2',
        'refs/heads/release-1',
        'refs/heads/refs/heads/main',
        'refs/tags/main',
      ]),
      protected: PROTECTED,
      project: {
        'this one': gitlabProjects('42', '42'),
        "a fork's merge request that a member starts here": gitlabProjects('43', '42', '8'),
        'such a fork in the same group': gitlabProjects('43', '42'),
        'that merge request before GitLab 18.2.2': { namespace_id: '7', project_id: '42' },
        'a fork, in itself': gitlabProjects('43', '43', '8'),
        'another with these digits': gitlabProjects('421', '421'),
        'of another owner': gitlabProjects('42', '42', '8'),
      },
      workflow: {
        'its own': { ci_config_ref_uri: CONFIG },
        'another file': {
          ci_config_ref_uri: 'gitlab.com/g/p//other/.gitlab-ci.yml@refs/heads/main',
        },
        "another project's": {
          ci_config_ref_uri: 'gitlab.com/e/p//.gitlab-ci.yml@refs/heads/main',
        },
        "another server's": {
          ci_config_ref_uri: 'gitlab.com/g/p//https://e/g/p//.gitlab-ci.yml@refs/heads/main',
        },
        unknown: {},
      },
      who: claimOf('user_access_level', ['owner', 'developer', 'guest']),
    },
    deployer: {
      event: ['push', 'schedule', 'web', 'trigger'],
      ref: ['refs/heads/main'],
      protected: ['yes'],
      project: ['this one'],
      workflow: ['its own'],
    },
    previewer: { event: ['merge_request_event'], project: ['this one'] },
  },
  {
    host: 'GitHub',
    trust: githubTrust(GITHUB),
    claims: { repository: 'o/r', run_id: LARGEST },
    columns: {
      event: claimOf('event_name', GITHUB_EVENTS),
      ref: claimOf('ref', GITHUB_REFS),
      workflow: {
        ...claimOf(
          'job_workflow_ref',
          ['stack.yml', 'merge-request.yml', 'other.yml', 'sub/stack.yml'].map(
            (file) => `o/r/.github/workflows/${file}@{ref}`,
          ),
        ),
        "another repository's": { job_workflow_ref: 'e/r/.github/workflows/stack.yml@{ref}' },
        "another branch's": { job_workflow_ref: 'o/r/.github/workflows/stack.yml@refs/heads/demo' },
      },
      protected: PROTECTED,
      repository: {
        'this one': { repository_owner_id: '7', repository_id: '42' },
        'a fork': { repository_owner_id: '8', repository_id: '43' },
        'another with these digits': { repository_owner_id: '7', repository_id: '421' },
        'of another owner': { repository_owner_id: '8', repository_id: '42' },
      },
      who: claimOf('actor', ['owner', 'dependabot[bot]', 'stranger']),
    },
    deployer: {
      event: ['push', 'schedule', 'workflow_dispatch'],
      ref: ['refs/heads/main'],
      workflow: ['o/r/.github/workflows/stack.yml@{ref}'],
      protected: ['yes'],
      repository: ['this one'],
    },
    previewer: {
      event: ['pull_request'],
      workflow: ['o/r/.github/workflows/merge-request.yml@{ref}'],
      repository: ['this one'],
    },
  },
])('on $host, of every combination of claims,', ({ trust, claims, columns, ...intended }) => {
  const all = Object.fromEntries(
    Object.entries(columns).map(([column, values]) => [column, Object.keys(values)]),
  );
  const decide = google(trust);
  const decided = rowsOf(all).map((row) => {
    const parts = Object.entries(row).map(([column, value]) => columns[column]?.[value]);
    return { row, role: decide(filled(Object.assign({ ...claims }, ...parts) as Claims)) };
  });

  test.each(['deployer', 'previewer'] as const)('these become the %s, and no other', (role) => {
    const found = decided.filter((each) => each.role === role).map(({ row }) => row);
    expect(found).toEqual(rowsOf({ ...all, ...intended[role] }));
  });

  test('all others are rejected', () => {
    const roles = new Set(decided.map(({ role }) => role));
    expect(roles).toEqual(new Set(['deployer', 'previewer', 'rejected']));
  });

  test('the subject is one that Google takes', () => {
    const subject: unknown = evaluate(trust.mapping['google.subject'] ?? '', { assertion: claims });
    // At most 127 bytes ("Workload Identity Federation", attribute mappings).
    expect(subject).toBe(`${trust.host}-42:${LARGEST}`);
  });
});

test('the tokens of a GitHub of an enterprise are signed by its own issuer', () => {
  expect(githubTrust(GITHUB).issuer).toBe('https://token.actions.githubusercontent.com');
  const own = { issuer: OWN_GITHUB, keys: KEYS };
  expect(githubTrust({ ...GITHUB, ...own })).toMatchObject(own);
});

// GitLab's `Settings.build_server_fqdn`: host, port and path of the instance.
test.each([
  ['https://git.example.com:8443/', 'git.example.com:8443'],
  ['https://git.example.com/tools/gitlab/', 'git.example.com/tools/gitlab'],
  ['https://git.example.com:8443/gitlab/', 'git.example.com:8443/gitlab'],
  ['https://[2001:db8::1]/', '[2001:db8::1]'],
])('the deployer of %s comes from the file of that instance', (issuer, server) => {
  const { identity } = someSettings({ gitlabProject: '7/42', gitlabIssuer: issuer });
  const decide = google(gitlabTrust(identity?.gitlab ?? expect.fail('no identity')));
  const roleBy = (config: string) =>
    decide({
      ...gitlabProjects('42', '42'),
      project_path: 'g/p',
      pipeline_source: 'push',
      ref_path: 'refs/heads/main',
      ref_protected: 'true',
      ci_config_ref_uri: `${config}/g/p//.gitlab-ci.yml@refs/heads/main`,
    });
  expect(roleBy(server)).toBe('deployer');
  expect(roleBy(`${server}/e`)).toBe('rejected');
  expect(roleBy('gitlab.com')).toBe('rejected');
});

import { expect, test } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { gitlabChecks, readingGitlab } from '../../src/doctor/gitlab-checks.ts';
import { hostServer, type Answers } from './host-server.ts';

const IDENTITY = {
  issuer: 'https://gitlab.test/',
  namespaceId: '7',
  projectId: '42',
  branch: 'main',
};

/** As GitLab's API documentation has it, with more attributes. */
const PROJECT = {
  id: 42,
  default_branch: 'main',
  namespace: { id: 7, kind: 'group' },
  ci_config_path: '',
  ci_allow_fork_pipelines_to_run_in_parent_project: false,
  ci_separated_caches: true,
  ci_push_repository_for_job_token_allowed: false,
  ci_pipeline_variables_minimum_override_role: 'no_one_allowed',
  restrict_user_defined_variables: true,
};
const protectedBranch = (name: string, level: number | null = 40, merges = 40) => ({
  name,
  push_access_levels: [{ access_level: level, access_level_description: 'Maintainers' }],
  merge_access_levels: [{ access_level: merges }],
  allow_force_push: false,
});
const BRANCHES = [protectedBranch('main', 0), protectedBranch('release-*', null)];
const variable = (key: string, isProtected: boolean, masked: boolean) => ({
  ...{ key, value: 's3cret', protected: isProtected, masked, environment_scope: '*' },
});
const VARIABLES = [
  variable('IMAGES_PUSH_TOKEN', true, true),
  variable('GITLAB_TOKEN', false, true),
  variable('GOOGLE_DEPLOYER', false, false),
];

const PATH = '/api/v4/projects/42';
const GOOD: Answers = {
  '/api/v4/version': { version: '18.4.0-ee' },
  [PATH]: PROJECT,
  [`${PATH}/protected_branches`]: BRANCHES,
  [`${PATH}/variables`]: VARIABLES,
};

async function checksOf(answers: Answers, token = 'tok3n'): Promise<readonly Check[]> {
  const { origin } = await hostServer(answers);
  const api = readingGitlab(IDENTITY, { CI_API_V4_URL: `${origin}/api/v4`, GITLAB_TOKEN: token });
  return gitlabChecks(api, IDENTITY, ['release-*']);
}

/** The checks that are not ok: `open release branches`. */
async function notOk(answers: Answers): Promise<readonly string[]> {
  const checks = await checksOf({ ...GOOD, ...answers });
  return checks.filter(({ state }) => state !== 'ok').map(({ state, name }) => `${state} ${name}`);
}

const project = (changed: object) => ({ [PATH]: { ...PROJECT, ...changed } });
const branches = (...list: readonly object[]) => ({ [`${PATH}/protected_branches`]: list });
const variables = (...list: readonly object[]) => ({ [`${PATH}/variables`]: list });
const [MAIN, RELEASES] = BRANCHES as [object, object];

test('a project that is set up as PRODUCTION.md says has nothing open', async () => {
  expect(await notOk({})).toEqual([]);
  expect(await notOk({ '/api/v4/version': { version: '19.0.1' } })).toEqual([]);
  expect(await notOk(variables())).toEqual([]);
  expect(await notOk(branches(protectedBranch('*')))).toEqual([]);
  expect(await notOk(branches(protectedBranch('main', 0, 30), RELEASES))).toEqual([]);
});

test.each<[string, Answers]>([
  ['open version', { '/api/v4/version': { version: '18.3.9' } }],
  ['open version', { '/api/v4/version': { version: '17.11.0' } }],
  ['open owner', project({ namespace: { id: 8 } })],
  ['open default branch', project({ default_branch: 'trunk' })],
  ['open pipeline file', project({ ci_config_path: '.gitlab-ci.yml@group/other' })],
  ['open fork pipelines', project({ ci_allow_fork_pipelines_to_run_in_parent_project: true })],
  ['open separate caches', project({ ci_separated_caches: false })],
  ['open job token', project({ ci_push_repository_for_job_token_allowed: true })],
  [
    'open pipeline variables',
    project({ ci_pipeline_variables_minimum_override_role: 'maintainer' }),
  ],
  ['open pipeline variables', project({ restrict_user_defined_variables: false })],
  ['open protected branch', branches(RELEASES, protectedBranch('main2'))],
  ['open protected branch', branches({ ...MAIN, allow_force_push: true }, RELEASES)],
  ['open pushes', branches(MAIN, RELEASES, protectedBranch('demo', 30))],
  // Who may merge to a branch with a star may create one.
  ['open pushes', branches(MAIN, protectedBranch('release-*', 0, 30))],
  // On the second page.
  [
    'open pushes',
    branches(...BRANCHES, ...Array<object>(100).fill(MAIN), protectedBranch('demo', 30)),
  ],
  ['open release branches', branches(MAIN, protectedBranch('release-1'))],
  ['open push token', variables(variable('IMAGES_PUSH_TOKEN', false, true))],
  ['open push token', variables(variable('IMAGES_PUSH_TOKEN', true, false))],
  ['open note token', variables(variable('GITLAB_TOKEN', false, false))],
  [
    'unknown fork pipelines',
    project({ ci_allow_fork_pipelines_to_run_in_parent_project: undefined }),
  ],
])('%s: %j', async (expected, answers) => {
  expect(await notOk(answers)).toEqual([expected]);
});

test('what a token may not see is unknown, with what it needs, and never with the token', async () => {
  expect(await notOk({ [`${PATH}/variables`]: 403 })).toEqual([
    'unknown push token',
    'unknown note token',
  ]);
  const checks = await checksOf({ ...GOOD, [`${PATH}/variables`]: 403 });
  const { remedy } = checks.at(-1) ?? {};
  expect(remedy).toMatch(/GitLab says 403 to GET .*read_api and the role Maintainer/);
  expect(JSON.stringify(checks)).not.toMatch(/tok3n|s3cret/);
});

test('a project that cannot be read is an error', async () => {
  await expect(checksOf(GOOD, 'old')).rejects.toThrow('GITLAB_REFUSED  GitLab says 401');
  await expect(checksOf({ ...GOOD, '/api/v4/version': 503 })).rejects.toThrow('GITLAB_UNREACHABLE');
});

test('the API is that of the issuer, unless a variable says otherwise', () => {
  const { url } = readingGitlab(IDENTITY, { GITLAB_TOKEN: 't' });
  expect(url).toBe('https://gitlab.test/api/v4');
  expect(() => readingGitlab(IDENTITY, {})).toThrow('GITLAB_TOKEN_MISSING');
});

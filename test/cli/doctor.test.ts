import { afterEach, expect, test, vi } from 'vitest';
import { checkout, RETENTION, stackFile } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { hostServer } from '../doctor/host-server.ts';

const PATH = '/api/v4/projects/42';
const GOOD = {
  '/api/v4/version': { version: '18.4.0' },
  [PATH]: {
    default_branch: 'main',
    namespace: { id: 7 },
    ci_allow_fork_pipelines_to_run_in_parent_project: false,
    ci_separated_caches: true,
    ci_push_repository_for_job_token_allowed: false,
    ci_pipeline_variables_minimum_override_role: 'no_one_allowed',
  },
  [`${PATH}/protected_branches`]: [
    {
      name: 'main',
      push_access_levels: [{ access_level: 40 }],
      merge_access_levels: [{ access_level: 40 }],
      allow_force_push: false,
    },
  ],
  [`${PATH}/variables`]: [],
};

const source = (name: string, repository: string) => `
  - name: ${name}
    repository: ${repository}
    aliasPrefix: ${name}
    branches: { default: main, releases: release-*, newest: 1 }
    references: [{ catalog: config/images.yml }]`;

const FILES = {
  'Pulumi.prod.yaml': `${stackFile('registry.test')}  kubernetes-ci-images:gitlabProject: 7/42\n`,
  'config/retention.yml': RETENTION.replace(
    'sources: []',
    `sources:${source('own', '.')}${source('other', 'https://git.test/other')}`,
  ),
};

afterEach(() => vi.unstubAllEnvs());

async function doctor(answers: object, files: Record<string, string> = FILES) {
  const { origin } = await hostServer({ ...GOOD, ...answers });
  vi.stubEnv('CI_API_V4_URL', `${origin}/api/v4`);
  vi.stubEnv('GITLAB_TOKEN', 'tok3n');
  return printedBy(checkout(files), 'doctor');
}

test('doctor ends with 0 when all is as it must be, and lists what it cannot see', async () => {
  const branches = GOOD[`${PATH}/protected_branches`];
  const all = [...branches, { ...branches[0], name: 'release-*' }];
  const { status, stdout } = await doctor({ [`${PATH}/protected_branches`]: all });
  expect(stdout).toMatch(/^GitLab, project 42\n +CHECK +WHAT MUST BE\nok +version +GitLab is 18.4/);
  expect(stdout).toMatch(/By hand:\n- [^]*\n- Who may create branches like release-\* in https/);
  expect(stdout).not.toMatch(/^(open|unknown)/m);
  expect(status).toBe(0);
});

test('doctor ends with 1 and the remedy when something is open or unknown', async () => {
  const open = await doctor({});
  expect(open.status).toBe(1);
  expect(open.stdout).toMatch(/^open +release branches +Nobody creates/m);
  expect(open.stdout).toMatch(/^release branches: protect release-\* \(Settings/m);
  const unknown = await doctor({ [`${PATH}/variables`]: 403 });
  expect(unknown.status).toBe(1);
  expect(unknown.stdout).toMatch(/^note token: GitLab says 403/m);
});

test('doctor says which setting names the host, and when it cannot ask', async () => {
  const none = await doctor({}, {});
  expect(none).toMatchObject({ status: 1, stdout: '' });
  expect(none.stderr).toMatch(/^NO_HOST\n {2}the stack prod trusts .*; set gitlabProject or/);
  const refused = await doctor({ [PATH]: 404 });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^GITLAB_REFUSED .*404/);
});

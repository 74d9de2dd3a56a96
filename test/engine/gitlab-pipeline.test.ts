import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianProgram, provideQemu } from '../../infra/toolchain/programs.ts';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { INSTALL_MS, providedPrograms } from '../disk/disk-workshop.ts';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { git } from '../git/git-repository.ts';
import { startNotesServer, type NotesServer } from '../support/notes-server.ts';
import { expectPublished, plannedTags } from '../support/engine-output.ts';
import type { Run } from '../support/processes.ts';
import { DOCKERFILE } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const IMAGES = ['alpha', 'beta'];
const OWN = {
  name: 'images',
  repository: '.',
  branches: { default: 'main', releases: 'release-*', newest: 1 },
  references: [{ catalog: 'config/images.yml' }],
};

/** The pipeline as it is, on the machine's own Docker Engine: the service's image can't be pulled everywhere. */
const PIPELINE = {
  file: '.gitlab-ci.here.yml',
  text: 'include: .gitlab-ci.yml\n.docker: { services: [] }\n',
};

/** GitLab's own variables are set on purpose here. */
const QUIET = {
  GCL_IGNORE_PREDEFINED_VARS:
    'CI_PIPELINE_SOURCE,CI_DEFAULT_BRANCH,CI_COMMIT_BRANCH,CI_PROJECT_ID,CI_API_V4_URL,CI_MERGE_REQUEST_IID,CI_MERGE_REQUEST_SOURCE_PROJECT_ID,CI_MERGE_REQUEST_DIFF_BASE_SHA',
};

let project: BranchingProject;
let host: NotesServer;
const folder = sharedFolder();

// As on a runner: a checkout with a release branch, and an origin to push to.
beforeAll(async () => {
  // Here, one after the other: the jobs would install what is missing while others do.
  await providedPrograms();
  await provideQemu(note);
  // gitlab-ci-local keeps its own copies of the checkout with it.
  await debianProgram('rsync', 'rsync', note);
  host = await startNotesServer();
  project = await startBranchingProject(IMAGES, { code: 'copied' });
  const { checkout } = project;
  checkout.configure({ refreshChanges: 'commit' });
  checkout.write(PIPELINE.file, PIPELINE.text);
  const catalog = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
  const commands = '    verify: ["test -e /content"]\n';
  checkout.write('config/images.yml', catalog.replaceAll(/(?<= {4}context: .*\n)/g, commands));
  checkout.write('config/contexts/alpha/Dockerfile', RECIPE);
  checkout.write('config/contexts/beta/Dockerfile', RECIPE);
  writePackages('alpha', '3.0.17-1');
  writePackages('beta', '3.0.17-1');
  project.commit('release-1.0');
  project.retain({ sources: [OWN] });
  project.commit();
  const origin = join(folder, 'origin.git');
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
  git(checkout.root, ['remote', 'add', 'origin', origin]);
  git(checkout.root, ['push', '--quiet', 'origin', 'main', 'release-1.0']);
}, INSTALL_MS);

afterAll(async () => {
  host.close();
  await project.close();
});

function note(line: string): void {
  console.error(`engine tests: ${line}`);
}

const RECIPE = `${DOCKERFILE}COPY dpkg-query /bin/\nCMD ["sleep", "600"]\n`;

/** A package manager that knows of openssl alone. */
function writePackages(name: string, version: string): void {
  const line = `openssl\\t${version}\\tamd64\\tinstall ok installed\\n`;
  const script = `#!/bin/sh\nprintf '${line}'\n`;
  project.checkout.write(`config/contexts/${name}/dpkg-query`, script, 0o755);
}

/** The requests that change the registry. */
function writes(): readonly string[] {
  return project.fixture.gate.seen.filter((request) => !/^(?:GET|HEAD) /.test(request));
}

/** What GitLab says of a pipeline, and where a runner has its tools. */
function variablesOf(source: string, more: Readonly<Record<string, string>> = {}) {
  const variables = {
    ...{ CI_PIPELINE_SOURCE: source, CI_DEFAULT_BRANCH: 'main', CI_COMMIT_BRANCH: 'main' },
    ...{ CI_PROJECT_ID: '42', CI_API_V4_URL: host.api, GITLAB_TOKEN: host.token },
    ...(source === 'merge_request_event' && {
      ...{ CI_MERGE_REQUEST_IID: '7', CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '42' },
      CI_MERGE_REQUEST_DIFF_BASE_SHA: 'origin/main',
    }),
    STACK: 'sandbox',
    PULUMI_BACKEND_URL: stateIn(join(project.checkout.root, '.sandbox/state')),
    PULUMI_HOME: join(project.checkout.root, '.sandbox/pulumi-home'),
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'),
    DOCKER_HOST: process.env['DOCKER_HOST'] ?? '',
    DOCKER_TLS_VERIFY: '',
    DOCKER_CERT_PATH: '',
    ...{ GIT_COMMITTER_NAME: 'ci', GIT_COMMITTER_EMAIL: 'ci@localhost' },
    ...more,
  };
  return Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
}

/** Runs a job of .gitlab-ci.yml with its own script, as a runner with a shell does. */
async function job(
  name: string,
  source: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { checkout } = project;
  const file = ['--file', PIPELINE.file];
  const args = [
    ...file,
    '--force-shell-executor',
    '--no-color',
    name,
    ...variablesOf(source, more),
  ];
  return checkout.run('gitlab-ci-local', args, QUIET);
}

async function jobsOf(
  source: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const args = ['--list-csv', ...variablesOf(source, more)];
  const { stdout } = await project.checkout.run('gitlab-ci-local', args, QUIET);
  const [, ...jobs] = stdout.trimEnd().split('\n');
  return jobs.map((line) => line.split(';')[0] ?? '');
}

const PAGE = { IMAGES_PAGE: 'https://images.example/' };
const FORK = { CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '43', GITLAB_TOKEN: '' };

describe('a pipeline on GitLab', () => {
  it('has the jobs that its source asks for', async () => {
    expect(await jobsOf('push')).toEqual(['check', 'publish']);
    expect(await jobsOf('merge_request_event')).toEqual(['check', 'preview']);
    expect(await jobsOf('trigger')).toEqual(['refresh']);
    expect(await jobsOf('schedule')).toEqual(['soak', 'drift']);
    expect(await jobsOf('schedule', { SCHEDULED: 'refresh' })).toEqual(['refresh']);
    expect(await jobsOf('merge_request_event', FORK)).toEqual(['check', 'build']);
    const without = { PULUMI_BACKEND_URL: '' };
    expect(await jobsOf('merge_request_event', without)).toEqual(['check', 'build']);
    expect(await jobsOf('push', { PULUMI_BACKEND_URL: '' })).toEqual(['check']);
    expect(await jobsOf('push', PAGE)).toEqual(['check', 'publish', 'pages']);
    expect(await jobsOf('schedule', { ...PAGE, SCHEDULED: 'refresh' })).toEqual([
      'refresh',
      'pages',
    ]);
    expect(await jobsOf('schedule', PAGE)).toEqual(['soak', 'drift']);
    expect(await jobsOf('merge_request_event', PAGE)).toEqual(['check', 'preview']);
  });

  it('of main publishes', async () => {
    const { code, output } = await job('publish', 'push', PAGE);
    expect(code, output).toBe(0);
    expect(output).toMatch(/✓ publish .* done/);
    await expectPublished(project.fixture, project.checkout);
    expect(output).toMatch(/✓ write the page of all images .* done/);
  });

  it('of a merge request says once what would change and why, and changes nothing', async () => {
    const { checkout, fixture } = project;
    const before = await fixture.digest('alpha', 'latest');
    writePackages('alpha', '3.0.18-1');
    checkout.commit();
    fixture.gate.forget();
    const first = await job('preview', 'merge_request_event');
    expect(first.code, first.output).toBe(0);
    expect(writes()).toEqual([]);
    expect(host.notes.map(({ body }) => body)).toEqual([
      expect.stringContaining('`sandbox`: 1 image to build, 1 alias that moves'),
    ]);
    const { alpha } = plannedTags(checkout);
    expect(host.notes[0]?.body).toMatch(
      new RegExp(
        `\\| \`alpha\` \\| is built \\| context: \`dpkg-query\` \\| \`\\w+\` → \`${alpha ?? ''}\` \\|`,
      ),
    );
    expect(host.notes[0]?.body).toMatch(
      /\| `alpha` \| ✓ in \d+ s \| ✓ its command succeeds, after/,
    );
    expect(host.notes[0]?.body).toContain(
      '<details><summary>alpha: 1 package, openssl 3.0.17 → 3.0.18</summary>',
    );
    // A release still needs what is published, and main does not any more. Of beta, nothing changes.
    expect(host.notes[0]?.body).toMatch(
      /\*\*Retention.*\n\n.*\n.*\n\| `alpha` \|.*needed by main .* → needed by release\\-1\.0 .*\|\n$/,
    );
    expect(host.notes[0]?.body).not.toMatch(/`beta`|never published/);
    checkout.write('config/contexts/beta/content', 'another\n');
    checkout.commit();
    const second = await job('preview', 'merge_request_event', PAGE);
    expect(second.code, second.output).toBe(0);
    expect(host.notes.map(({ body }) => body)).toEqual([
      expect.stringContaining('`sandbox`: 2 images to build, 2 aliases that move'),
    ]);
    expect(host.notes[0]?.body).toMatch(/and why they stay\]\(https:\/\/images\.example\/\)\n$/);
    expect(await fixture.digest('alpha', 'latest')).toBe(before);
    expect(second.output).not.toContain(host.token);
  });

  it('of a fork builds what changes, without a preview, a note and a push', async () => {
    const { gate } = project.fixture;
    const notes = host.notes.map(({ body }) => body);
    gate.forget();
    const { code, output } = await job('build', 'merge_request_event', FORK);
    expect(code, output).toBe(0);
    expect(output).toMatch(/alpha for linux\/amd64 builds: /);
    expect(output).toMatch(/openssl 3\.0\.17-1 → 3\.0\.18-1/);
    expect(writes()).toEqual([]);
    expect(host.notes.map(({ body }) => body)).toEqual(notes);
    gate.meet((request) =>
      request.includes('/images/alpha/') ? { status: 401, body: '{}' } : undefined,
    );
    const withoutLogin = await job('build', 'merge_request_event', FORK);
    gate.meet(() => undefined);
    expect(withoutLogin.code, withoutLogin.output).toBe(0);
    expect(withoutLogin.output).toMatch(/are unknown: before: REGISTRY_UNAUTHORIZED/);
  });

  it('of a merge request that does not build fails, and says why on it', async () => {
    const { checkout } = project;
    checkout.write('config/contexts/beta/Dockerfile', `${RECIPE}RUN echo oh no && exit 9\n`);
    checkout.commit();
    const { code, output } = await job('preview', 'merge_request_event');
    checkout.write('config/contexts/beta/Dockerfile', RECIPE);
    checkout.commit();
    expect(code).not.toBe(0);
    expect(output).toMatch(/✗ build what changes /);
    expect(output).toMatch(/✓ put it on the merge request /);
    expect(host.notes).toHaveLength(1);
    expect(host.notes[0]?.body).toMatch(
      /\*\*Images that fail\*\*\n\n- beta does not build: BUILD\\_FAILED.*\n(?: {2}- .*\n)* {2}- .*oh no/,
    );
  });

  it('of a merge request that can not be previewed fails, and says why on it', async () => {
    const { checkout } = project;
    checkout.configure({ refreshChanges: 'commit', refreshRetries: 99 });
    const { code, output } = await job('preview', 'merge_request_event');
    checkout.configure({ refreshChanges: 'commit' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/✗ preview /);
    expect(host.notes).toHaveLength(1);
    expect(host.notes[0]?.body).toMatch(/\*\*Errors\*\*[^]*refreshRetries/);
  });

  it('that the schedule triggers refreshes, publishes and looks for drift', async () => {
    git(project.checkout.root, ['push', '--quiet', 'origin', 'main']);
    const { code, output } = await job('refresh', 'trigger');
    expect(code, output).toBe(0);
    expect(output).toMatch(/✓ publish, and put right .* done/);
    await expectPublished(project.fixture, project.checkout);
  });

  it('of a schedule of GitLab fails when something has drifted', async () => {
    const calm = await job('drift', 'schedule');
    expect(calm.code, calm.output).toBe(0);
    expect(calm.output).toContain('nothing differs');
    await project.fixture.call(
      'PATCH',
      'v1/projects/ci-images/locations/europe-west4/repositories/images?updateMask=labels',
      { labels: { drifted: 'yes' } },
    );
    const { code, output } = await job('drift', 'schedule');
    expect(code).not.toBe(0);
    expect(output).toMatch(/✗ look for drift .* exit code 7/);
    expect(output).toMatch(
      /update gcp:artifactregistry\/repository:Repository images\n.* {2}labels/,
    );
  });
});

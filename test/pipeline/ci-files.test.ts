import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { JOURNAL } from '../../src/cli/read-plain.ts';

const GITLAB = readFileSync('.gitlab-ci.yml', 'utf8');
const WORKFLOWS = new Map(
  readdirSync('.github/workflows').map((file) => {
    return [file, readFileSync(`.github/workflows/${file}`, 'utf8')] as const;
  }),
);

interface Workflow {
  readonly on: unknown;
  readonly concurrency: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly if?: string; readonly steps?: readonly { readonly uses?: string }[] }>
  >;
}

interface Job {
  readonly extends?: string;
  readonly script?: string;
  readonly variables?: object;
}

const jobs = parse(GITLAB) as Readonly<Record<string, Job>>;
const workflow = (file: string) => parse(WORKFLOWS.get(file) ?? '') as Workflow;

/** A job with what it extends: its own keys win, and variables are merged. */
function inherited(job: Job): Job {
  const parent = job.extends === undefined ? {} : inherited(jobs[job.extends] ?? {});
  return { ...parent, ...job, variables: { ...parent.variables, ...job.variables } };
}

/** The pipelines that a text runs, by their names. */
function pipelinesIn(text: string): readonly string[] {
  return [...text.matchAll(/npm run -s (\S+?)-pipeline/g)].map(([, name = '']) => name);
}

test('both hosts run the same commands', () => {
  expect(pipelinesIn(GITLAB).toSorted()).toEqual(['drift', 'preview', 'publish', 'refresh']);
  const stack = WORKFLOWS.get('stack.yml') ?? '';
  expect(pipelinesIn(WORKFLOWS.get('merge-request.yml') ?? '')).toEqual(['preview']);
  expect(stack).toContain('npm run -s "$PIPELINE-pipeline" -- --stack prod');
  expect(stack).toContain('options: [publish, refresh, drift]');
  for (const text of [GITLAB, WORKFLOWS.get('merge-request.yml')]) {
    expect(text).toContain('npm run -s check');
  }
  expect(jobs['soak']).toMatchObject({
    script: 'npm run -s soak',
    rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule" && $SCHEDULED != "refresh"' }],
  });
  expect(WORKFLOWS.get('soak.yml')).toMatch(
    / {2}schedule:\n {4}- cron: [^]*- run: npm run -s soak\n/,
  );
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
  expect(scripts).toHaveProperty('soak');
  for (const name of ['drift', 'preview', 'publish', 'refresh']) {
    expect(scripts).toHaveProperty(`${name}-pipeline`);
  }
});

test('both hosts publish one image where somebody starts them with its name', () => {
  const named = '${IMAGE:+--image "$IMAGE"}';
  expect(jobs['publish']?.script).toContain(`publish-pipeline -- --stack $STACK ${named}`);
  expect(parse(GITLAB)).toMatchObject({
    variables: { IMAGE: { value: '', description: expect.any(String) as string } },
  });
  const stack = WORKFLOWS.get('stack.yml') ?? '';
  expect(stack).toContain(`--stack prod ${named}`);
  // Never in the text of a script, where it could be a command.
  expect(stack.match(/inputs\.image/g)).toHaveLength(1);
  expect(stack).toContain('IMAGE: ${{ inputs.image }}');
  expect(workflow('stack.yml').on).toMatchObject({
    workflow_dispatch: { inputs: { image: { type: 'string', default: '' } } },
  });
});

test('both hosts keep the journal of a clean-up, also of one that has failed', () => {
  const path = `${dirname(JOURNAL)}/`;
  const paths = expect.arrayContaining([path]) as unknown;
  expect(jobs['refresh']).toMatchObject({ artifacts: { when: 'always', paths } });
  const { steps } = workflow('stack.yml').jobs['stack'] ?? {};
  const keeping = steps?.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
  const options = { path, 'include-hidden-files': true };
  expect(keeping).toMatchObject({ if: 'always()', with: options });
});

test('every image and action is pinned', () => {
  const images = [...GITLAB.matchAll(/(?:image|name): (docker\.io\S+)/g)].map(([, image]) => image);
  expect(images).toHaveLength(2);
  for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  for (const text of WORKFLOWS.values()) {
    const actions = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    const foreign = actions.filter((action) => action !== './.github/workflows/page.yml');
    for (const action of foreign) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/);
  }
});

test('no job with an identity restores a cache: its archive may have any file, whatever paths the job names', () => {
  const cached = Object.entries(jobs).filter(([, job]) => JSON.stringify(job).includes('"cache"'));
  expect(cached.map(([name]) => name)).toEqual(['check', 'soak']);
  for (const [name, job] of cached) {
    expect(job, name).not.toHaveProperty('extends');
    expect(job, name).toMatchObject({ cache: { paths: ['.ci-cache/npm'] } });
  }
  const onGithub = [...WORKFLOWS.keys()].flatMap((file) => Object.entries(workflow(file).jobs));
  const caching = onGithub.filter(([, job]) => JSON.stringify(job).includes('actions/cache@'));
  expect(caching.map(([name]) => name).toSorted()).toEqual(['check', 'soak']);
  for (const [name, job] of caching) {
    expect(JSON.stringify(job), name).not.toContain('id-token');
    expect(JSON.stringify(job), name).toContain('"path":"~/.npm"');
  }
});

test('only what publishes has a token to sign with', () => {
  const merged = Object.entries(jobs).filter(([, { extends: of }]) => of === '.deploy');
  expect(merged.map(([name]) => name)).toEqual(['publish', 'refresh']);
  const signing = GITLAB.split(/^(?=\S)/m).filter((part) => part.includes('SIGSTORE_ID_TOKEN'));
  expect(signing.map((part) => part.split(':')[0])).toEqual(['.deploy']);
});

test('what may run a privileged container has nothing that could be taken', () => {
  const text = WORKFLOWS.get('verify.yml') ?? '';
  expect(text).toContain('npm run -s images -- verify');
  expect(text).toContain('persist-credentials: false');
  expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
  expect(text).not.toMatch(/id-token|: write|secrets\.|github\.token|vars\.|actions\/cache/);
});

test('every job that runs the engine has a Docker Engine: the docker plug-in contacts it in each run', () => {
  const running = Object.entries(jobs).filter(
    ([, { script }]) => pipelinesIn(script ?? '').length > 0,
  );
  expect(running.map(([name]) => name)).toEqual(['preview', 'publish', 'refresh', 'drift']);
  for (const [name, job] of running) {
    expect(inherited(job), name).toMatchObject({
      services: [{ alias: 'docker' }],
      variables: { DOCKER_HOST: 'tcp://docker:2376', DOCKER_CERT_PATH: '/certs/client' },
    });
  }
});

test('what has an identity begins with a checkout of its own', () => {
  expect(jobs['.stack']?.variables).toMatchObject({ GIT_STRATEGY: 'clone' });
});

describe('what changes the stack', () => {
  test('runs alone, is never ended in the middle, and is the only one with the deployer', () => {
    expect(jobs['.deploy']).toMatchObject({ interruptible: false, resource_group: '$STACK' });
    const deployers = Object.entries(jobs).filter(([, job]) =>
      JSON.stringify(job).includes('GOOGLE_DEPLOYER'),
    );
    // The one looks at all that there is, and changes nothing.
    expect(deployers.map(([name]) => name)).toEqual(['.deploy', 'drift']);
    expect(jobs['drift']).toMatchObject({ resource_group: '$STACK' });
    const deploying = Object.entries(jobs).filter(([, job]) => job.extends === '.deploy');
    expect(deploying.map(([name]) => name)).toEqual(['publish', 'refresh']);
    // Without `queue: max`, a run that waits is dropped for the next one, such as a publication for drift.
    expect(workflow('stack.yml').concurrency).toEqual({
      group: 'stack-prod',
      'cancel-in-progress': false,
      queue: 'max',
    });
    // Runs may begin in another order than that of their commits.
    expect(WORKFLOWS.get('stack.yml')).toMatch(
      /actions\/checkout@.*\n +with:\n +ref: \$\{\{ github\.ref \}\}/,
    );
    expect(WORKFLOWS.get('merge-request.yml')).not.toContain('GOOGLE_DEPLOYER');
  });
});

test('the gate runs for a merge queue, too, and the preview does not', () => {
  const { on, jobs: onGithub } = workflow('merge-request.yml');
  expect(on).toEqual(['pull_request', 'merge_group']);
  expect(onGithub['check']).not.toHaveProperty('if');
  expect(onGithub['preview']?.if).toContain('github.event.pull_request.head.repo.full_name ==');
});

test('what gets no preview is built, without an identity and without a token', () => {
  const build = inherited(jobs['build'] ?? {});
  expect(jobs['build']).toMatchObject({ extends: '.docker', rules: NOT_PREVIEWED });
  expect(build.script).toContain('npm run -s images -- build-changes');
  expect(JSON.stringify(build)).not.toMatch(/id_tokens|TOKEN|GOOGLE|resource_group/);
  const job = JSON.stringify(workflow('merge-request.yml').jobs['build']);
  expect(job).toContain('npm run -s images -- build-changes');
  expect(job).toContain('"persist-credentials":false');
  expect(job).not.toMatch(/permissions|secrets|token|vars\.GOOGLE/);
  expect(workflow('merge-request.yml').jobs['build']?.if).toMatch(
    /^github\.event_name == 'pull_request' && !\(/,
  );
});

/** The preview's own rule, negated. */
const NOT_PREVIEWED = [
  { if: '$CI_PIPELINE_SOURCE != "merge_request_event"', when: 'never' },
  {
    if: '$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID && $PULUMI_BACKEND_URL',
    when: 'never',
  },
  { when: 'on_success' },
];

test('a fork gets no identity', () => {
  const own = '$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID';
  expect(JSON.stringify(jobs['preview'])).toContain(own);
  for (const job of Object.values(workflow('merge-request.yml').jobs)) {
    if (!JSON.stringify(job).includes('id-token')) continue;
    const conditions = job.if?.split(/\s*&&\s*/);
    expect(conditions).toContain(
      'github.event.pull_request.head.repo.full_name == github.repository',
    );
    // Its pull requests bring code that nobody has read.
    expect(conditions).toContain("github.event.pull_request.user.login != 'dependabot[bot]'");
  }
});

describe('the page of all images', () => {
  test('is put on Pages only where a variable says so, by a job without an identity of the stack', () => {
    const { pages } = jobs;
    expect(pages).not.toHaveProperty('extends');
    expect(JSON.stringify(pages)).not.toMatch(/TOKEN|GOOGLE|cache/);
    expect(pages?.script).toBe('rm -rf public && mv .page public');
    const [unless] = (pages as { readonly rules: readonly { readonly if: string }[] }).rules;
    expect(unless).toMatchObject({ when: 'never' });
    expect(unless?.if).toContain('$IMAGES_PAGE == ""');
    for (const name of ['publish', 'refresh']) {
      const paths = expect.arrayContaining(['.page/']) as unknown;
      expect(inherited(jobs[name] ?? {}), name).toMatchObject({
        artifacts: { when: 'always', paths },
      });
    }
    const { page } = workflow('stack.yml').jobs;
    expect(page).toMatchObject({
      needs: 'stack',
      permissions: { pages: 'write', 'id-token': 'write' },
      uses: './.github/workflows/page.yml',
      with: { artifact: '${{ needs.stack.outputs.page }}' },
    });
    const steps = WORKFLOWS.get('stack.yml')?.split('\n      - ') ?? [];
    const ofPage = steps.filter((step) => /artifact\.tar|name: github-pages/.test(step));
    expect(ofPage).toHaveLength(2);
    for (const step of ofPage) expect(step).toContain('vars.IMAGES_PAGE');
  });

  test('is another artifact in each attempt of a run: deploy-pages refuses two of a name', () => {
    const text = WORKFLOWS.get('stack.yml');
    expect(text).toContain('name: github-pages-${{ github.run_attempt }}');
    expect(text).toContain("&& format('github-pages-{0}', github.run_attempt) }}");
    expect(WORKFLOWS.get('page.yml')).toContain('artifact_name: ${{ inputs.artifact }}');
  });

  test("is deployed on GitHub by a file of its own: Google believes the jobs of the stack's", () => {
    const text = WORKFLOWS.get('page.yml') ?? '';
    expect(text).toContain('on:\n  workflow_call:\n');
    expect(text).toContain('\npermissions: {}\n');
    expect(text).not.toMatch(/contents: |secrets\.|vars\.|run:/);
  });

  test('is known to what writes the note', () => {
    expect(WORKFLOWS.get('merge-request.yml')).toContain('IMAGES_PAGE: ${{ vars.IMAGES_PAGE }}');
  });
});
